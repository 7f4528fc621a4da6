import { plural } from "../lib/format/plural.ts";
import type { ChangeKind } from "./changes.ts";
import { kindsOf, type Reason, textsOf } from "./reason.ts";
import type { RemovalStep } from "./removal.ts";

/** What keeps a part of it while the deletion is under way, or what has changed before. */
export type RemovalChange = Reason<
  ChangeKind | "stack-not-removable" | "stack-of-other-program" | "secret-of-other-project"
>;

/** What came of a row that was to be deleted. */
export type Removal =
  | { is: "deleted"; id: string; name: string; steps: RemovalStep[] }
  /** Somebody else was faster. */
  | { is: "gone"; id: string; name: string }
  /** It is not what was shown any more, so it stays. `steps`: what was deleted before that was seen. */
  | { is: "changed"; id: string; name: string; changes: RemovalChange[]; steps: RemovalStep[] };

/** As `--json` has it. */
export const removalDocument = (removal: Removal) =>
  removal.is === "changed"
    ? { ...removal, changes: textsOf(removal.changes), changeKinds: kindsOf(removal.changes) }
    : removal;

/** A sentence for people. */
export function removalSentence(removal: Removal): string {
  const { name } = removal;
  switch (removal.is) {
    case "deleted":
      return `deleted ${name}${stepsText(removal.steps, name)}`;
    case "gone":
      return `${name} is gone already`;
    case "changed": {
      const before = removal.steps.map(({ what, name: its }) => `the ${what} ${its}`).join(", ");
      const done = before === "" ? "" : ` (deleted before that was seen: ${before})`;
      return `${name} is not deleted. Since it was looked at: ${textsOf(removal.changes).join("; ")}${done}`;
    }
  }
}

function stepsText(steps: RemovalStep[], name: string): string {
  const leftovers = steps.filter(({ what }) => what === "leftover").length;
  const parts = [
    ...steps.flatMap((step) =>
      step.what === "leftover" || step.name === name ? [] : [`its ${step.what}`],
    ),
    ...(leftovers > 0 ? [plural(leftovers, "leftover")] : []),
  ];
  if (parts.length === 0) return "";
  return `, with ${parts.join(parts.length === 2 ? " and " : ", ")}`;
}
