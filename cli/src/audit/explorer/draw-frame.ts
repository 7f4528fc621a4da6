import { plural } from "../../lib/format/plural.ts";
import { clean } from "../cells.ts";
import type { SourceName, Sources } from "../sources.ts";
import { sourceNames, sourceWords } from "../sources.ts";
import { reasonOf, type Verdict } from "../verdict.ts";
import type { Signs } from "./capabilities.ts";
import { verdictTones } from "./draw-list.ts";
import { cutLine, type Line, line, type Span, span, type Tone, widthOf } from "./spans.ts";
import { cursorAt, type Explorer, failureLines, selected } from "./state.ts";

/** Name, what there is in all, and how the sources stand. */
export function headLines(state: Explorer, project: string, signs: Signs): Line[] {
  const { columns } = state.size;
  const counts = countSpans(state, signs);
  const name = [span(" ds audit ", "accent"), span(clean(project), "bold")];
  const room = columns - 1 - widthOf({ spans: [...name, ...counts] });
  const title = room > 0 ? [...name, span(" ".repeat(room)), ...counts] : [...name, span("  ")];
  return [
    { spans: title },
    line(" ", ...sourceNames.flatMap((source) => sourceSpans(source, state.sources, signs))),
    ...failureLines(state.sources).map(({ source, why }) =>
      line(span(` ${signs.failed} ${sourceWords[source]}: ${clean(why)}`, "bad")),
    ),
  ].map((one) => cutLine(one, columns - 1, signs));
}

function countSpans({ all, shown }: Explorer, signs: Signs): Span[] {
  const count = (verdict: Verdict) => all.filter((judged) => judged.verdict === verdict).length;
  const total = shown.length < all.length ? `${shown.length} of ${all.length}` : `${all.length}`;
  const verdicts: Verdict[] = ["stale", "orphan?", "unknown"];
  return [
    span(all.length === 1 ? "1 row" : `${total} rows`),
    ...verdicts.flatMap((verdict) =>
      count(verdict) === 0
        ? []
        : [span(signs.between), span(`${count(verdict)} ${verdict}`, verdictTones[verdict])],
    ),
  ];
}

function sourceSpans(source: SourceName, sources: Sources, signs: Signs): Span[] {
  const said = sources[source];
  const [sign, tone] = {
    waiting: [signs.waiting, "warn"],
    known: [signs.read, "good"],
    unknown: [signs.failed, "bad"],
    none: [signs.absent, "dim"],
  }[said.state] as [string, Tone];
  return [span(`${sign} `, tone), span(`${sourceWords[source]}  `, "dim")];
}

/** Rule, reason of the selected row, message, keys. */
export function footLines(state: Explorer, signs: Signs): Line[] {
  const { columns } = state.size;
  const judged = selected(state);
  const reason = judged ? reasonOf(judged) : "";
  return [
    line(span(signs.rule.repeat(columns - 1), "dim")),
    judged && state.panel === undefined
      ? line(
          span(` ${clean(judged.row.name)}`, "bold"),
          span(reason === "" ? "" : `: ${clean(reason)}`),
        )
      : line(),
    messageLine(state, signs),
    keyLine(state, signs),
  ].map((one) => cutLine(one, columns - 1, signs));
}

function messageLine(state: Explorer, signs: Signs): Line {
  const { notice, typing, filter, work, shown, marks } = state;
  if (typing) return line(span(" /", "accent"), clean(filter), span(signs.caret, "accent"));
  if (notice) return line(span(` ${clean(notice.text)}`, noticeTones[notice.tone]));
  if (work) return line(span(` ${clean(work)}`, "warn"));
  const place = shown.length === 0 ? "" : ` ${cursorAt(state) + 1}/${shown.length}`;
  const marked = marks.size === 0 ? "" : `${signs.between}${plural(marks.size, "row")} marked`;
  const filtered = filter === "" ? "" : `${signs.between}filter: ${clean(filter)} (esc clears it)`;
  return line(span(place + marked + filtered, "dim"));
}

const noticeTones = { plain: "dim", good: "good", bad: "bad" } as const;

/** Keys and what they do; the last ones go first where there is no room. */
function keyLine({ panel, typing, size }: Explorer, signs: Signs): Line {
  const keys: [string, string][] = typing
    ? [
        ["enter", "keep the filter"],
        ["esc", "clear it"],
      ]
    : panel?.is === "dialog"
      ? [
          ["tab", "choose"],
          ["enter", panel.choice === "cancel" ? "cancel" : "delete"],
          ["esc", "cancel"],
        ]
      : panel?.is === "details"
        ? [
            [signs.moves, "scroll"],
            ["d", "delete"],
            ["esc", "back"],
          ]
        : panel?.is === "help"
          ? [["any key", "back"]]
          : [
              ["d", "delete"],
              ["enter", "details"],
              ["/", "filter"],
              ["s", "sort"],
              ["space", "mark"],
              ["?", "help"],
              ["q", "quit"],
              ["R", "refresh"],
              [signs.moves, "move"],
            ];
  const spans: Span[] = [];
  for (const [key, text] of keys) {
    const more = [span(` ${key}`, "accent"), span(` ${text} `, "dim")];
    if (widthOf({ spans: [...spans, ...more] }) > size.columns - 1) break;
    spans.push(...more);
  }
  return { spans };
}
