import { plural } from "../lib/format/plural.ts";
import type { Judged } from "./verdict.ts";

/** One thing that goes when a row is deleted. */
export interface RemovalStep {
  what: "stack" | "secret" | "leftover" | "branch";
  name: string;
  /** Branches and leftovers: the id it is deleted by. */
  id: string | undefined;
}

/**
 * In the order in which they go. What a later run finds the others by goes last: a stage whose branch
 * is there is found again by it, so a removal that was cut short is taken up by the next one.
 */
export function removalOf({ row }: Judged): RemovalStep[] {
  const steps: RemovalStep[] = [];
  if (row.stack.is === "there") {
    steps.push({ what: "stack", name: row.stack.value.fullName, id: undefined });
  }
  if (row.secret.is === "there") {
    steps.push({ what: "secret", name: row.secret.value.name, id: undefined });
  }
  const branch = row.audited?.branch;
  const leftovers = row.leftovers.map(({ id, name }) => ({
    what: "leftover" as const,
    name,
    id,
  }));
  // A branch's parent can only go after it.
  const isParent = ({ id }: RemovalStep) => id === branch?.parentId;
  steps.push(...leftovers.filter((step) => !isParent(step)));
  if (branch) steps.push({ what: "branch", name: branch.name, id: branch.id });
  steps.push(...leftovers.filter(isParent));
  return steps;
}

/** `the branch dev-x, its secret and 2 leftovers`. */
export function removalText(judged: Judged): string {
  const steps = removalOf(judged);
  const named = (what: RemovalStep["what"]) => steps.find((step) => step.what === what);
  const leftovers = steps.filter(({ what }) => what === "leftover").length;
  const parts = [
    named("branch") ? `the branch ${judged.row.name}` : undefined,
    stackText(judged),
    named("secret") ? `the secret ${named("secret")?.name}` : undefined,
    leftovers > 0 ? plural(leftovers, "leftover") : undefined,
  ].filter((part) => part !== undefined);
  const last = parts.pop() ?? "";
  return parts.length === 0 ? last : `${parts.join(", ")} and ${last}`;
}

function stackText({ row: { stack } }: Judged): string | undefined {
  if (stack.is !== "there") return undefined;
  const { fullName, resourceCount } = stack.value;
  if (resourceCount === 0) return `the empty stack ${fullName}`;
  const size = resourceCount === undefined ? "its resources" : plural(resourceCount, "resource");
  return `the stack ${fullName} with ${size}`;
}
