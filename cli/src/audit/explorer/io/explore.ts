import { DsError } from "../../../errors/ds-error.ts";
import { toDsError } from "../../../errors/to-ds-error.ts";
import { finishingStep } from "../../../runtime/output.ts";
import type { AuditContext } from "../../io/audit-context.ts";
import { openAudit } from "../../io/open-audit.ts";
import { removeRow } from "../../io/remove.ts";
import { removalSentence } from "../../outcome.ts";
import { renewed, type Sources } from "../../sources.ts";
import type { Judged } from "../../verdict.ts";
import { lookOf } from "../capabilities.ts";
import { heard, resized, told, working } from "../events.ts";
import { press } from "../keys.ts";
import { screenOf } from "../screen.ts";
import { type Explorer, type Intent, initialState } from "../state.ts";
import type { Drawing } from "./drawing.tsx";
import { TerminalScreen } from "./terminal-screen.ts";

export interface Outcome {
  deleted: boolean;
  text: string;
}

/**
 * Shows the explorer until it is left.
 *
 * @returns what was deleted, and what was not and why, in the order in which it was tried
 */
export async function explore(base: AuditContext): Promise<Outcome[]> {
  const audit = await openAudit(base);
  // Whatever is still being read is of no use to anybody once the explorer is left.
  const quit = new AbortController();
  const context: AuditContext = { ...base, signal: quit.signal };
  const look = lookOf(context.env);
  const screen = new TerminalScreen(context.terminal.output);
  let state: Explorer = initialState(screen.size, Date.now());
  let drawing: Drawing | undefined;
  let reading: Promise<void> | undefined;
  /** Something was asked for, or has changed, since what is being read was begun. */
  let isOutdated = false;
  let removing: Promise<void> | undefined;
  let leaving = false;
  const outcomes: Outcome[] = [];
  let end: (reason?: DsError) => void = () => {};
  const ended = new Promise<DsError | undefined>((done) => {
    end = done;
  });

  const show = (next: Explorer) => {
    state = next;
    if (!leaving) drawing?.update(lines());
  };
  const lines = () => screenOf(state, audit.config.project, look);
  function onKey(key: string): void {
    if (leaving) return;
    const { state: next, intent } = press(state, key);
    show(next);
    if (intent) carryOut(intent);
  }
  function carryOut(intent: Intent): void {
    switch (intent.is) {
      case "quit":
        end();
        break;
      case "interrupt":
        end(new DsError("INTERRUPTED", "stopped"));
        break;
      case "refresh":
        void readAgain();
        break;
      case "delete":
        removing ??= removeAll(intent.items);
    }
  }

  /** Resolves when nothing is left to be read that is not as new as this call. */
  function read(): Promise<void> {
    isOutdated = reading !== undefined;
    reading ??= readWhileOutdated();
    return reading;
  }

  async function readWhileOutdated(): Promise<void> {
    try {
      do {
        isOutdated = false;
        await readOnce();
      } while (isOutdated && !leaving);
    } finally {
      reading = undefined;
    }
  }

  async function readOnce(): Promise<void> {
    const before = state.sources;
    try {
      const onHeard = (said: Sources) => {
        const now = Date.now();
        const sources = renewed(before, said);
        show(heard(state, sources, audit.judge(sources, now), now));
      };
      await audit.read({ onHeard, signal: quit.signal });
    } catch (error) {
      show(told(state, "bad", toDsError(error).message));
    }
  }

  async function readAgain(): Promise<void> {
    const text = "reading everything again";
    show(told(state, "plain", text));
    await read();
    if (state.notice?.text === text) show({ ...state, notice: undefined });
  }

  async function removeAll(items: Judged[]): Promise<void> {
    for (const [at, item] of items.entries()) {
      if (leaving) break;
      const place = items.length > 1 ? ` (${at + 1} of ${items.length})` : "";
      const onStep = (text: string) => show(working(state, `${item.row.name}: ${text}${place}`));
      onStep("looking at it again");
      const outcome = await remove(item, onStep);
      outcomes.push(outcome);
      const left = state.all.filter(({ row }) => !outcome.deleted || row.id !== item.row.id);
      const next = heard(working(state, undefined), state.sources, left, Date.now());
      show(told(next, outcome.deleted ? "good" : "bad", outcome.text));
    }
    removing = undefined;
    if (leaving) return;
    await read();
  }

  async function remove(item: Judged, onStep: (text: string) => void): Promise<Outcome> {
    try {
      const removal = await removeRow(context, audit, item, onStep);
      return { deleted: removal.is !== "changed", text: removalSentence(removal) };
    } catch (error) {
      const { message, hint } = toDsError(error);
      return { deleted: false, text: `${item.row.name}: ${message}${hint ? ` ${hint}` : ""}` };
    }
  }

  context.takeSignals((signal, quit) =>
    leaving ? quit() : end(new DsError("INTERRUPTED", `interrupted by ${signal}`)),
  );
  let stopped: DsError | undefined;
  try {
    // The sources are asked while the drawing is loaded.
    void read();
    const { startDrawing } = await import("./drawing.tsx");
    screen.enter(() => {
      drawing?.clear();
      screen.wipe();
      show(resized(state, screen.size));
    });
    drawing = startDrawing(lines(), {
      stdout: screen.asStdout(),
      stdin: context.terminal.input as NodeJS.ReadStream,
      colour: look.colour,
      onKey,
    });
    stopped = await ended;
  } finally {
    leaving = true;
    quit.abort(stopped ?? new DsError("INTERRUPTED", "the explorer was left"));
    drawing?.end();
    screen.leave();
  }
  if (removing !== undefined) {
    context.output.note(finishingStep);
    await removing;
  }
  if (stopped) throw stopped;
  return outcomes;
}
