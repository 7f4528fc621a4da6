import { plural } from "../../lib/format/plural.ts";
import type { KnownMigrations, SiblingFacts } from "./facts.ts";
import { type Limit, moreItem } from "./limit.ts";
import { code } from "./markdown.ts";
import { prose, withoutValues } from "./prose.ts";
import { diffBlock } from "./schema-section.ts";

/** How the migrations go together with those of other open pull requests, the conflicts first. */
export function siblingsSection(
  { siblings, notCompared }: KnownMigrations,
  limit: Limit,
): string[][] {
  const sorted = [...siblings].sort(
    (a, b) => Number(b.outcome === "conflict") - Number(a.outcome === "conflict"),
  );
  const { shown, left } = limit.some(sorted);
  const none = siblings.length === 0 && notCompared.length === 0;
  return [
    ["#### Other open pull requests"],
    none ? ["None has migrations of its own."] : [],
    [...shown.flatMap((each) => siblingLines(each, limit)), ...moreItem(left)],
    limit.some(notCompared).shown.map(notComparedLine),
  ];
}

function siblingLines(
  { number, ref, outcome, theirs, conflict, notes }: SiblingFacts,
  limit: Limit,
) {
  const there = `${plural(theirs.length, "migration")} there`;
  const who = `#${number} (${code(ref)})`;
  const also = notes.map((note) => `  - ${prose(note)}`);
  if (outcome === "ok" || conflict === null) {
    return [`- ✅ ${who}: ${there}, in either order the same`, ...also];
  }
  const own = conflict.mine === null ? "" : `${code(conflict.mine)} here and `;
  return [
    `- ❌ ${who}: ${own}${code(conflict.theirs)} there: ${prose(withoutValues(conflict.how))}`,
    ...(conflict.changes.length === 0
      ? []
      : ["", ...diffBlock(conflict.changes, limit).map((line) => `  ${line}`), ""]),
    ...also,
  ];
}

function notComparedLine({
  numbers,
  left = 0,
  why,
}: KnownMigrations["notCompared"][number]): string {
  const names = [...numbers.map((number) => `#${number}`), ...(left > 0 ? [`${left} more`] : [])];
  return `- Not compared${names.length === 0 ? "" : `: ${names.join(", ")}`} (${prose(why)})`;
}
