import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { tool } from "../../../scripts/test-support/needs.ts";
import { until } from "../../../scripts/test-support/until.ts";

export const tmux = tool("tmux");

/** A real terminal of a given size, with a person at its keyboard. */
export class Tmux {
  private readonly name = `ds-test-${process.pid}-${randomBytes(4).toString("hex")}`;

  /** `command` is the shell's; `; echo` and the like may follow it. */
  constructor(
    command: string,
    options: { cwd: string; env: Record<string, string>; columns: number; rows: number },
  ) {
    const { cwd, env, columns, rows } = options;
    const given = Object.entries(env).flatMap(([key, value]) => ["-e", `${key}=${value}`]);
    const size = ["-x", String(columns), "-y", String(rows)];
    // The server's own environment would be every session's: it gets none but the path.
    this.tmux(["new-session", "-d", ...size, "-c", cwd, ...given, "sh", "-c", command], {
      PATH: env.PATH ?? process.env.PATH ?? "",
      TERM: "xterm-256color",
      LANG: "C.UTF-8",
      HOME: env.HOME ?? "/",
    });
  }

  private tmux(args: string[], env?: Record<string, string>): string {
    const all = ["-L", this.name, "-f", "/dev/null", "-u", ...args];
    const { stdout } = spawnSync("tmux", all, { encoding: "utf8", ...(env ? { env } : {}) });
    return stdout;
  }

  /** What is on the screen, line by line, without trailing blanks. */
  screen(): string {
    return this.tmux(["capture-pane", "-p", "-t", "0"]);
  }

  /** The same with colours as escape sequences. */
  coloured(): string {
    return this.tmux(["capture-pane", "-p", "-e", "-t", "0"]);
  }

  /** Keys by tmux's names: `j`, `Enter`, `Escape`, `C-c`. */
  type(...keys: string[]): void {
    this.tmux(["send-keys", "-t", "0", ...keys]);
  }

  resize(columns: number, rows: number): void {
    this.tmux(["resize-window", "-t", "0", "-x", String(columns), "-y", String(rows)]);
  }

  /** `alternate_on`, `cursor_flag` and the like, as tmux knows them. */
  flag(name: string): string {
    return this.tmux(["display-message", "-p", "-t", "0", `#{${name}}`]).trim();
  }

  async shows(pattern: RegExp): Promise<string> {
    let screen = "";
    const isShown = () => {
      screen = this.screen();
      return pattern.test(screen);
    };
    await until(`${pattern} on the screen`, isShown, { everyMs: 40 }).catch((error: Error) => {
      throw new Error(`${error.message}\n${screen}`);
    });
    return screen;
  }

  close(): void {
    this.tmux(["kill-server"]);
  }
}
