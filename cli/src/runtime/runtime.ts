import type { Context } from "../app-context.ts";
export type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

export type Environment = Readonly<Record<string, string | undefined>>;

export type ContextBase = Pick<
  Context,
  | "cwd"
  | "env"
  | "home"
  | "version"
  | "interactive"
  | "terminal"
  | "output"
  | "signal"
  | "takeSignals"
>;
