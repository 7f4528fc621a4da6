import type { Writable } from "node:stream";
import type { Size } from "../state.ts";

const enter = "\u001b[?1049h\u001b[2J\u001b[H";
/** Colours off, the cursor back, and what was on the terminal before. */
const leave = "\u001b[0m\u001b[?25h\u001b[?1049l";
const wipe = "\u001b[2J\u001b[H";

interface Terminal extends Writable {
  columns?: number;
  rows?: number;
}

/**
 * The terminal's other screen, while the explorer is on it. What was there before comes back however the
 * process ends, short of being killed outright.
 */
export class TerminalScreen {
  private readonly terminal: Terminal;
  private entered = false;
  private readonly onExit = () => this.leave();
  private onResize: (() => void) | undefined;

  constructor(terminal: Writable) {
    this.terminal = terminal;
  }

  get size(): Size {
    return { columns: this.terminal.columns || 80, rows: this.terminal.rows || 24 };
  }

  enter(onResize: () => void): void {
    this.entered = true;
    this.onResize = onResize;
    process.once("exit", this.onExit);
    this.terminal.on("resize", onResize);
    this.terminal.write(enter);
  }

  wipe(): void {
    this.terminal.write(wipe);
  }

  leave(): void {
    if (!this.entered) return;
    this.entered = false;
    process.removeListener("exit", this.onExit);
    if (this.onResize) this.terminal.removeListener("resize", this.onResize);
    this.terminal.write(leave);
  }

  /**
   * What the renderer is handed as its stdout. It is told of no height and no resizing: a picture that fills
   * the screen would make it clear the terminal, and the lines scrolled away with it.
   */
  asStdout(): NodeJS.WriteStream {
    const { terminal } = this;
    const facade = {
      isTTY: true,
      get columns() {
        return terminal.columns || 80;
      },
      rows: Number.POSITIVE_INFINITY,
      write: (text: string) => terminal.write(text),
      on: () => facade,
      off: () => facade,
    };
    return facade as unknown as NodeJS.WriteStream;
  }
}
