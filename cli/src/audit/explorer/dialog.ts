import type { Dialog, Explorer, Pressed } from "./state.ts";

/** One character, not the name of a key. */
export const isCharacter = (key: string): boolean => [...key].length === 1;

/** What has to be typed before it may go; undefined where nothing has to. */
export const wantedName = ({ typed, items }: Dialog): string | undefined =>
  typed === undefined ? undefined : items[0]?.row.name;

export const isReady = (dialog: Dialog): boolean =>
  dialog.typed === undefined || dialog.typed === wantedName(dialog);

/** Enter alone cancels: the answer that destroys has to be chosen, or typed. */
export function pressDialog(state: Explorer, dialog: Dialog, key: string): Pressed {
  const changed = (change: Partial<Dialog>): Pressed => ({
    state: { ...state, panel: { ...dialog, ...change } },
  });
  const cancelled: Pressed = {
    state: { ...state, panel: undefined, notice: { tone: "plain", text: "nothing was deleted" } },
  };
  const { choice, typed } = dialog;
  switch (key) {
    case "escape":
      return cancelled;
    case "tab":
    case "left":
    case "right":
      return changed({ choice: choice === "cancel" ? "delete" : "cancel" });
    case "enter":
      if (choice === "cancel") return cancelled;
      if (!isReady(dialog)) return changed({});
      return {
        state: { ...state, panel: undefined, marks: new Set() },
        intent: { is: "delete", items: dialog.items },
      };
    default:
  }
  if (typed === undefined) {
    if (key === "y") return changed({ choice: "delete" });
    return key === "n" || key === "q" ? cancelled : changed({});
  }
  if (key === "backspace") return withTyped([...typed].slice(0, -1).join(""));
  return isCharacter(key) ? withTyped(typed + key) : changed({});

  /** The name in full is the choice. */
  function withTyped(text: string): Pressed {
    const ready = text === wantedName(dialog);
    return changed({ typed: text, choice: ready ? "delete" : "cancel" });
  }
}
