import { formatBytes } from "../../lib/format/bytes.ts";
import { plural } from "../../lib/format/plural.ts";
import { clean } from "../cells.ts";
import { type RemovalStep, removalOf } from "../removal.ts";
import { type Judged, reasonOf } from "../verdict.ts";
import type { Signs } from "./capabilities.ts";
import { isReady, wantedName } from "./dialog.ts";
import { cutLine, type Line, line, type Span, span, widthOf, wrap } from "./spans.ts";
import type { Dialog } from "./state.ts";

/** The question before a deletion: what goes, why, and what one has to do for it. */
export function dialogLines(dialog: Dialog, room: { columns: number; rows: number }, signs: Signs) {
  const inner = Math.min(room.columns - 8, 96);
  const foot = [...typingLines(dialog, signs), line(), buttons(dialog)];
  const space = Math.max(1, room.rows - foot.length - 4);
  const all = contents(dialog.items, inner);
  const cutOff = all.length > space;
  const body = cutOff
    ? [...all.slice(0, space - 1), line(span(`and ${all.length - space + 1} more lines`, "dim"))]
    : all;
  return framed(titleOf(dialog.items), [...body, line(), ...foot], inner, room, signs);
}

function titleOf(items: Judged[]): string {
  const [first] = items;
  return items.length === 1 && first
    ? `Delete ${clean(first.row.name)}?`
    : `Delete ${items.length} rows?`;
}

function contents(items: Judged[], inner: number): Line[] {
  const lines: Line[] = [];
  for (const item of items) {
    if (items.length > 1) lines.push(line(span(clean(item.row.name), "bold")));
    for (const text of wrap(clean(`${item.verdict}: ${reasonOf(item)}`), inner)) {
      lines.push(line(span(text, item.conflicts.length > 0 ? "warn" : "dim")));
    }
    if (items.length === 1) lines.push(line(), line("This goes, for good:"));
    lines.push(...removalOf(item).map((step) => stepLine(step, item)));
  }
  return lines;
}

function stepLine({ what, name }: RemovalStep, { row }: Judged): Line {
  const size = row.audited?.branch.logicalSizeBytes;
  const stack = row.stack.is === "there" ? row.stack.value.resourceCount : undefined;
  const more = {
    branch: size === undefined ? "" : `, ${formatBytes(size)}`,
    stack: stack === undefined ? "" : `, ${plural(stack, "resource")}`,
    secret: "",
    leftover: "",
  }[what];
  return line(span(`  ${what.padEnd(9)}`, "bad"), `${clean(name)}${more}`);
}

function typingLines(dialog: Dialog, signs: Signs): Line[] {
  const wanted = wantedName(dialog);
  if (wanted === undefined || dialog.typed === undefined) return [];
  const typed = [span(` > ${clean(dialog.typed)}`), span(signs.caret, "accent")];
  return [
    line(span(`Not certain. To delete it, type its name: ${clean(wanted)}`, "warn")),
    line(...typed),
  ];
}

function buttons(dialog: Dialog): Line {
  const button = (name: Dialog["choice"], label: string): Span => {
    if (name !== dialog.choice)
      return span(`   ${label}   `, isReady(dialog) || name === "cancel" ? "plain" : "dim");
    return span(` [ ${label} ] `, name === "delete" ? "bad" : "bold");
  };
  return line("    ", button("cancel", "Cancel"), "  ", button("delete", "Delete"));
}

/** In a frame, in the middle of the room. */
function framed(
  title: string,
  content: Line[],
  inner: number,
  room: { columns: number; rows: number },
  signs: Signs,
): Line[] {
  const left = " ".repeat(Math.max(0, Math.floor((room.columns - inner - 4) / 2)));
  const above = Math.max(0, Math.floor((room.rows - content.length - 2) / 3));
  const [topLeft, topRight, bottomLeft, bottomRight] = signs.corners;
  const top = cutLine(line(` ${title} `), inner, signs);
  const rest = signs.rule.repeat(Math.max(0, inner + 1 - widthOf(top)));
  return [
    ...Array.from({ length: above }, () => line()),
    line(left, span(topLeft + signs.rule), ...bold(top), span(rest + topRight)),
    ...content.map((one) => {
      const short = cutLine(one, inner, signs);
      const blanks = " ".repeat(inner - widthOf(short));
      return line(left, span(`${signs.side} `), ...short.spans, span(`${blanks} ${signs.side}`));
    }),
    line(left, span(bottomLeft + signs.rule.repeat(inner + 2) + bottomRight)),
  ];
}

const bold = ({ spans }: Line): Span[] => spans.map(({ text }) => span(text, "bold"));
