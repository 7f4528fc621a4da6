import type { Readable, Writable } from "node:stream";
import type { Environment } from "../lib/process/environment.ts";
import type { Output } from "./output.ts";

export type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** @param quit ends the command at once, and says what may be left */
export type SignalHandler = (signal: StopSignal, quit: () => never) => void;

/** What `main` knows before anything is loaded. */
export interface Runtime {
  readonly cwd: string;
  readonly env: Environment;
  /** $DS_HOME: state of the local engine, settings of the user, caches. */
  readonly home: string;
  readonly version: string;
  /** --local was given: the local engine, whatever the environment says. */
  readonly local?: boolean;
  /** --wait was given: milliseconds for which others, and a busy API, are waited for. */
  readonly waitMs?: number | undefined;
  /** A person can be asked: stdin and stderr are terminals. */
  readonly interactive: boolean;
  /** Where prompts are drawn, so that stdout stays the result's. */
  readonly terminal: { input: Readable; output: Writable };
  readonly output: Output;
  /** Aborted by Ctrl-C; long waits and API calls take it. */
  readonly signal: AbortSignal;
  /** From now on signals go to the handler instead: for a command that has a child to hand them to. */
  takeSignals(handler: SignalHandler): void;
}
