/** `error`: it loses data or fails; `warning`: it blocks others, or breaks an application that runs; `note`: worth knowing. */
export type Severity = "error" | "warning" | "note";

/** The parts of the list of rules. */
export type RuleGroup = "data-loss" | "application" | "data" | "blocking" | "style";
