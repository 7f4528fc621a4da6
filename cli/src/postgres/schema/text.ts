import { plural } from "../../lib/format/plural.ts";
import type { Style } from "../../lib/terminal/style.ts";
import { table } from "../../lib/terminal/table.ts";
import type { SchemaChange } from "./diff.ts";

/** More of one object is read more easily as SQL. */
const mostDetails = 8;

/** The changes as aligned lines, one a change, with further details indented below. */
export function schemaDiffText(changes: readonly SchemaChange[], style: Style): string {
  const paint = { added: style.green, removed: style.red, changed: style.yellow };
  const sign = { added: "+", removed: "-", changed: "~" };
  const heads = table(
    changes.map(({ change, type, name, table: of, details }) => [
      paint[change](`${sign[change]} ${type}`),
      paint[change](shownName(type, name, of)),
      details.length === 1 ? paintLine(shorten(details[0] ?? ""), style) : "",
    ]),
  );
  return changes
    .flatMap(({ details }, index) => [
      heads[index] ?? "",
      ...(details.length > 1 ? below(details, style) : []),
    ])
    .join("\n");
}

/** A unified diff in colours. */
export function patchText(patch: string, style: Style): string {
  const paint = (line: string) => {
    if (/^(---|\+\+\+) /.test(line)) return style.bold(line);
    if (line.startsWith("@@")) return style.cyan(line);
    if (line.startsWith("+")) return style.green(line);
    return line.startsWith("-") ? style.red(line) : line;
  };
  return patch.trimEnd().split("\n").map(paint).join("\n");
}

/** "2 added, 1 changed" */
export function countsText(changes: readonly SchemaChange[]): string {
  return (["added", "removed", "changed"] as const)
    .map((change) => [changes.filter((each) => each.change === change).length, change] as const)
    .filter(([count]) => count > 0)
    .map(([count, change]) => `${count} ${change}`)
    .join(", ");
}

function shownName(type: string, name: string, of: string | null): string {
  if (of === null) return name;
  return type === "column" ? `${of}.${name}` : `${name} on ${of}`;
}

function below(details: readonly string[], style: Style): string[] {
  const shown = details.slice(0, mostDetails).map((line) => `    ${paintLine(line, style)}`);
  const left = details.length - shown.length;
  return left > 0
    ? [...shown, style.dim(`    and ${plural(left, "more line")}: --sql shows them`)]
    : shown;
}

function paintLine(line: string, style: Style): string {
  if (line.startsWith("+ ")) return style.green(line);
  return line.startsWith("- ") ? style.red(line) : style.dim(line);
}

const shorten = (text: string) => {
  const line = text.replace(/\s+/g, " ");
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
};
