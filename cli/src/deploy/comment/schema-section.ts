import { noStyle } from "../../lib/terminal/style.ts";
import type { SchemaChange } from "../../postgres/schema/diff.ts";
import { countsText, schemaDiffText } from "../../postgres/schema/text.ts";
import { type Limit, more } from "./limit.ts";
import { codeBlock } from "./markdown.ts";

/** A longer difference is folded. */
const mostUnfolded = 30;

/** What the migrations make of the schema. */
export function schemaSection(changes: SchemaChange[] | undefined, limit: Limit): string[][] {
  if (changes === undefined) return [];
  if (changes.length === 0) return [["#### Schema", "", "The schema stays as it is."]];
  const block = diffBlock(changes, limit);
  const lines =
    block.length <= mostUnfolded
      ? block
      : [`<details><summary>${countsText(changes)}</summary>`, "", ...block, "", "</details>"];
  return [["#### Schema"], lines];
}

/** GitHub colours what begins with + and -. */
export function diffBlock(changes: readonly SchemaChange[], limit: Limit): string[] {
  const lines = schemaDiffText(changes, noStyle).split("\n");
  const { shown, left } = limit.some(lines);
  return codeBlock([...shown, ...more(left)], "diff");
}
