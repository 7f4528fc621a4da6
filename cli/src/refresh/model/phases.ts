/** What a refresh does, in this order. Written down as each begins. */
export type PhaseName =
  | "scratch"
  | "source"
  | "migrate"
  | "plan"
  | "prepare"
  | "copy"
  | "parents"
  | "rebuild"
  | "prove"
  | "finish"
  | "swap";

export interface Phase {
  /** How far it is, on a terminal. */
  update(text: string): void;
  /** What has come of it, for the line that remains. */
  finish(text: string): void;
}

export type RunPhase = <T>(
  name: PhaseName,
  title: string,
  work: (phase: Phase) => Promise<T>,
) => Promise<T>;
