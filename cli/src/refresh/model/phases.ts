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
  | "verify"
  | "finish"
  | "swap";

export interface Phase {
  /** How far it is, on a terminal. */
  update(text: string): void;
  /** What has come of it, for the line that remains. */
  finish(text: string): void;
}

export interface Phases {
  /** Does the work, after it was written down that this phase begins. */
  run<T>(name: PhaseName, title: string, work: (phase: Phase) => Promise<T>): Promise<T>;
}
