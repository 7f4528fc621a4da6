import type { DsError } from "../errors/ds-error.ts";
import { type Environment, isCi, isGithubActions } from "../lib/process/environment.ts";
import { isDumb, refusesColour } from "../lib/terminal/capabilities.ts";
import { ansiStyle, noStyle, type Style } from "../lib/terminal/style.ts";
import { cutToWidth } from "../lib/terminal/width.ts";
import {
  harmless,
  harmlessJson,
  withoutWorkflowCommands,
  workflowValue,
} from "../lib/text/harmless.ts";
import { oneLine } from "../lib/text/one-line.ts";
import { redact, redactDeep } from "../lib/text/redact.ts";
import { Changes } from "./changes.ts";
import type { FailureDocument } from "./failure.ts";

/** The part of a stream that output needs; `process.stdout` is one. */
interface TextStream {
  write(text: string): unknown;
  once?(event: "drain", listener: () => void): unknown;
  readonly isTTY?: boolean | undefined;
  /** How wide the terminal is. */
  readonly columns?: number | undefined;
}

export interface OutputOptions {
  stdout: TextStream;
  stderr: TextStream;
  env: Environment;
  json: boolean;
  verbose: boolean;
  /** Aborted by Ctrl-C: a command that was interrupted has no result, also where all of it is done. */
  signal?: AbortSignal;
}

/** Where a terminal does not say how wide it is. */
const usualColumns = 80;
/** The sign, the blank behind it, and one that stays free: some terminals wrap as soon as a line is full. */
const besideText = 3;

/** Said while an interrupted command goes on for a while. */
export const finishingStep =
  "Finishing a step that cannot be interrupted. Press Ctrl-C again to quit now.";

const spinnerFrames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/**
 * The one writer. stdout carries the result and nothing else; everything that happens on the way
 * goes to stderr. With `--json` stdout gets exactly one document, also when the command fails.
 */
export class Output {
  readonly json: boolean;
  readonly verbose: boolean;
  /** A person reads the result, as no pipe or file does. */
  readonly isTerminal: boolean;
  /** Style of text meant for stdout. */
  readonly style: Style;
  /** What the command has changed until now. */
  readonly changes = new Changes();
  private readonly options: OutputOptions;
  private readonly errStyle: Style;
  private readonly hidden = new Set<string>();
  private documentWritten = false;
  /** A spinner stands on the line that would be written next. */
  private spinnerShown = false;

  constructor(options: OutputOptions) {
    this.options = options;
    this.json = options.json;
    this.verbose = options.verbose;
    this.isTerminal = options.stdout.isTTY === true;
    const colour = (stream: TextStream) =>
      stream.isTTY === true && !refusesColour(options.env) && !isDumb(options.env);
    this.style = colour(options.stdout) ? ansiStyle : noStyle;
    this.errStyle = colour(options.stderr) ? ansiStyle : noStyle;
  }

  /** The command's result, once: `value` with --json, else `text`. */
  result(value: Record<string, unknown>, text: string | ((style: Style) => string)): void {
    this.options.signal?.throwIfAborted();
    if (this.json) {
      this.document(redactDeep(value, this.clean));
      return;
    }
    const shown = typeof text === "string" ? text : text(this.style);
    if (shown !== "") this.options.stdout.write(`${this.tame(this.clean(shown), this.style)}\n`);
  }

  /** A result whose purpose is a secret: the one place where nothing is masked. */
  secretResult(value: Record<string, unknown>, text: string): void {
    this.options.signal?.throwIfAborted();
    if (this.json) this.document(value);
    else this.options.stdout.write(`${this.tame(text, noStyle)}\n`);
  }

  /** More of a result that has no end, such as a log that is followed. */
  stream(text: string): void {
    this.options.stdout.write(this.tame(this.clean(text), this.style));
  }

  /**
   * A part of a result that is SQL to be run: nothing of it is masked or shown otherwise, as it would be other SQL then.
   * Who makes it sees to it that it is harmless to a terminal. Waits for a reader that is slower.
   */
  async sql(text: string): Promise<void> {
    const { stdout, signal } = this.options;
    signal?.throwIfAborted();
    this.wipeSpinner();
    if (stdout.write(text) === false) {
      await new Promise<void>((drained) =>
        (stdout.once ?? ((_, go) => go())).call(stdout, "drain", drained),
      );
    }
  }

  /** Lines that GitHub's runner is to take as commands to itself: the values in them have to be escaped already. */
  annotate(text: string): void {
    if (text !== "") this.options.stdout.write(`${harmless(this.clean(text), "none")}\n`);
  }

  /** What a program of the project's says, with its colours. */
  passOn(text: string): void {
    this.options.stdout.write(this.tame(this.clean(text), "colours"));
  }

  /** Something worth knowing, on stderr. */
  note(text: string): void {
    this.line(text);
  }

  /** A part of the work that is done, as a finished step says it. */
  done(text: string): void {
    this.line(`${this.errStyle.green("✓")} ${text}`);
  }

  /**
   * From now on the secret is masked in everything that is written, whatever it looks like; in GitHub Actions also by the
   * runner, which takes this one line for itself.
   */
  hide(secret: string): void {
    if (secret === "" || this.hidden.has(secret)) return;
    this.hidden.add(secret);
    if (isGithubActions(this.options.env)) {
      this.options.stderr.write(`::add-mask::${workflowValue(secret)}\n`);
    }
  }

  /** Only with --verbose. */
  detail(text: string): void {
    if (this.verbose) this.line(this.errStyle.dim(text));
  }

  warn(text: string): void {
    this.line(`${this.errStyle.yellow("warning:")} ${text}`);
  }

  /** One step of the work: a spinner on a terminal, one line in a log. */
  async step<T>(title: string, work: (step: Step) => Promise<T>): Promise<T> {
    const started = Date.now();
    const spinner = this.spin(title);
    let ending: string | undefined;
    const step: Step = {
      update: (text) => spinner.update(`${title}: ${text}`),
      finish: (text) => {
        ending = text;
      },
    };
    try {
      const value = await work(step);
      spinner.stop();
      const seconds = (Date.now() - started) / 1000;
      const took = seconds >= 1 ? this.errStyle.dim(` (${seconds.toFixed(1)} s)`) : "";
      this.done(`${ending ?? title}${took}`);
      return value;
    } catch (error) {
      spinner.stop();
      this.line(`${this.errStyle.red("✗")} ${title}`);
      throw error;
    }
  }

  /** The failure that ends the command: what happened, and what to do next. */
  failure(error: DsError, stack: string | undefined): void {
    if (this.json && !this.documentWritten) {
      const { code, reason, message, hint } = error;
      // A report is what the command would have answered with: it keeps its shape beside the error.
      const { report, ...details } = error.details;
      const failure: FailureDocument["error"] = {
        code,
        ...(reason ? { reason } : {}),
        message,
        ...(hint ? { hint } : {}),
        ...details,
      };
      this.document(redactDeep({ ...(report as object | undefined), error: failure }, this.clean));
    }
    this.line(`${this.errStyle.red("error:")} ${error.message}`);
    if (error.hint) this.line(error.hint);
    if (stack) this.line(this.errStyle.dim(stack));
  }

  private readonly clean = (text: string): string => {
    let rest = text;
    for (const secret of this.hidden) rest = rest.replaceAll(secret, "****");
    return redact(rest);
  };

  /** The one place where what others have written becomes harmless to who reads it: a terminal, or GitHub's runner. */
  private tame(text: string, style: Style | "colours"): string {
    const escapes = style === "colours" ? style : style === noStyle ? "none" : "own";
    const shown = harmless(text, escapes);
    return isGithubActions(this.options.env) ? withoutWorkflowCommands(shown) : shown;
  }

  private document(value: unknown): void {
    if (this.documentWritten) throw new Error("a command may end with one result only");
    this.documentWritten = true;
    this.options.stdout.write(`${harmlessJson(JSON.stringify(value, null, 2))}\n`);
  }

  private line(text: string): void {
    this.wipeSpinner();
    this.options.stderr.write(`${this.tame(this.clean(text), this.errStyle)}\n`);
  }

  private spin(title: string): { update(text: string): void; stop(): void } {
    const { stderr, env } = this.options;
    if (stderr.isTTY !== true || isDumb(env) || isCi(env)) {
      return { update: () => {}, stop: () => {} };
    }
    let text = title;
    let frame = 0;
    const draw = () => {
      const sign = spinnerFrames[frame++ % spinnerFrames.length] ?? "";
      // Of a text that wraps only the last line could be wiped.
      const shown = cutToWidth(
        oneLine(this.tame(this.clean(text), this.errStyle)),
        (stderr.columns || usualColumns) - besideText,
      );
      stderr.write(`\r\u001b[2K${this.errStyle.cyan(sign)} ${shown}`);
      this.spinnerShown = true;
    };
    // Work of a few milliseconds should not flicker.
    const timer = setInterval(draw, 80);
    timer.unref();
    return {
      update: (next) => {
        text = next;
      },
      stop: () => {
        clearInterval(timer);
        this.wipeSpinner();
      },
    };
  }

  private wipeSpinner(): void {
    if (this.spinnerShown) this.options.stderr.write("\r\u001b[2K");
    this.spinnerShown = false;
  }
}

export interface Step {
  /** Shows how far it is, on a terminal. */
  update(text: string): void;
  /** Replaces the title in the line that remains. */
  finish(text: string): void;
}
