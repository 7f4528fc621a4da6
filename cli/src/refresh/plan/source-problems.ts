import { keyText, shownName } from "../model/names.ts";
import { isTaken } from "../model/plan.ts";
import type { Problem, ProblemReason } from "../model/problem.ts";
import type { TypedReference } from "../rules/links.ts";
import type { Classified } from "../rules/ownership.ts";

/** Types of rows that production has, and of which the rules do not say which table they mean. */
export function unknownTypes(
  typed: TypedReference[],
  present: Record<string, string[]>,
): Problem[] {
  return typed.flatMap(({ name, known }) => {
    const types = (present[name] ?? []).filter((type) => !known.includes(type));
    if (types.length === 0) return [];
    return [
      {
        kind: "reference" as const,
        subject: `references: ${name}`,
        reason: { code: "UNKNOWN_TYPES" as const, types },
        suggestion: `${keyText(name)}: { ..., to: { ..., ${JSON.stringify(types[0])}: "table.id" } }  // or null`,
      },
    ];
  });
}

/** Tables whose rows the role does not see, or not all of them. */
export function accessProblems(tables: Classified[]): Problem[] {
  const reasonOf = ({ table }: Classified): ProblemReason | undefined => {
    if (!table.readable) return { code: "NOT_READABLE" };
    return table.rowSecurity.active ? { code: "ROW_SECURITY" } : undefined;
  };
  return tables.flatMap((each) => {
    const reason = isTaken(each.class) ? reasonOf(each) : undefined;
    return reason ? [{ kind: "access" as const, subject: shownName(each.table), reason }] : [];
  });
}
