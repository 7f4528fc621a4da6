import { render } from "ink";
import type { Line } from "../spans.ts";
import { View } from "./view.tsx";

export interface Drawing {
  update(lines: Line[]): void;
  /** Forgets what is on the screen, which somebody has wiped. */
  clear(): void;
  end(): void;
}

/** Ink, kept to itself: loading it takes a third of a second. */
export function startDrawing(
  lines: Line[],
  options: {
    stdout: NodeJS.WriteStream;
    stdin: NodeJS.ReadStream;
    colour: boolean;
    onKey(key: string): void;
  },
): Drawing {
  const { stdout, stdin, colour, onKey } = options;
  const view = (next: Line[]) => <View lines={next} colour={colour} onKey={onKey} />;
  const ink = render(view(lines), { stdout, stdin, exitOnCtrlC: false, patchConsole: false });
  return {
    update: (next) => ink.rerender(view(next)),
    clear: () => ink.clear(),
    end: () => ink.unmount(),
  };
}
