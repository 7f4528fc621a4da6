/** What a moment comes before: a migrate, a destructive statement of an agent's, or a whole run of one. */
export type MomentKind = "migrate" | "statement" | "agent";

/** A moment of a branch that its own database remembers, as its state then may be wanted again. */
export interface NotedMoment {
  what: MomentKind;
  /** ISO 8601 with microseconds, by the server's clock. */
  timestamp: string;
  /** For a sentence: "drops a table". */
  detail?: string | undefined;
}
