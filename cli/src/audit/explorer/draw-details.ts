import { ago } from "../../lib/format/ago.ts";
import { formatBytes } from "../../lib/format/bytes.ts";
import { clean } from "../cells.ts";
import type { Fact } from "../facts.ts";
import { textsOf } from "../reason.ts";
import type { Judged } from "../verdict.ts";
import type { Signs } from "./capabilities.ts";
import { verdictTones } from "./draw-list.ts";
import { type Line, line, span, type Tone, wrap } from "./spans.ts";

const labels = 14;

/** Everything that is known of one row. */
export function detailLines(judged: Judged, now: number, columns: number, signs: Signs): Line[] {
  const { row, verdict, signals, conflicts, life, refusals, unknowns } = judged;
  const branch = row.audited?.branch;
  const lines: Line[] = [];
  const add = (label: string, value: string | undefined, tone: Tone = "plain") => {
    if (value === undefined || value === "") return;
    wrap(clean(value), Math.max(10, columns - labels - 2)).forEach((text, at) => {
      lines.push(line(span(` ${(at === 0 ? label : "").padEnd(labels)}`, "dim"), span(text, tone)));
    });
  };
  const addAll = (label: string, values: readonly string[], tone: Tone) => {
    values.forEach((text, at) => {
      add(at === 0 ? label : "", `${signs.bullet} ${text}`, tone);
    });
  };
  const when = (time: string | undefined) =>
    time === undefined ? undefined : `${ago(time, now)} (${time})`;

  lines.push(
    line(span(` ${clean(row.name)}`, "bold"), span(branch ? `  ${branch.id}` : "", "dim")),
  );
  lines.push(line());
  add(
    "Verdict",
    verdict === "waiting" ? "not all sources have answered" : verdict,
    verdictTones[verdict],
  );
  addAll("Stale because", textsOf(signals), "warn");
  addAll("Kept because", textsOf(refusals), "plain");
  addAll("Not known", textsOf(unknowns), "accent");
  addAll("For it", textsOf([...conflicts, ...life]), "good");
  lines.push(line());
  add("Stage", row.stage);
  add("Owner", row.owner);
  add("Created", when(row.createdAt));
  add(
    "Last used",
    row.audited?.running ? "now: its compute is running" : when(row.audited?.lastActive),
  );
  add("Expires", when(branch?.expiresAt));
  add(
    "Size",
    branch?.logicalSizeBytes === undefined ? undefined : formatBytes(branch.logicalSizeBytes),
  );
  const cloud = row.kind === "cloud" || row.kind === "remains";
  const addFact = (label: string, text: string) => add(label, cloud ? text : undefined);
  addFact(
    "Git branch",
    factText(row.gitBranch, (name) => name),
  );
  addFact(
    "Pull request",
    factText(row.pullRequest, ({ number, state }) => `#${number} ${state}`),
  );
  addFact(
    "Stack",
    factText(row.stack, ({ fullName, resourceCount, lastUpdate, busy, url }) =>
      [
        fullName,
        resourceCount === undefined ? "" : `${resourceCount} resources`,
        lastUpdate ? `updated ${ago(lastUpdate, now)}` : "never updated",
        busy ? "locked" : "",
        url ?? "",
      ]
        .filter(Boolean)
        .join(", "),
    ),
  );
  add(
    "Secret",
    factText(row.secret, ({ name }) => name),
  );
  add("Copy of", row.copyOf && `${row.copyOf.name}${row.copyOf.exists ? "" : " (gone)"}`);
  addAll(
    "Goes with it",
    row.leftovers.map(({ name }) => name),
    "plain",
  );
  addAll("Forks from it", row.children, "plain");
  return lines;
}

function factText<T>(fact: Fact<T>, there: (value: T) => string): string {
  switch (fact.is) {
    case "there":
      return there(fact.value);
    case "gone":
      return fact.name === undefined ? "gone" : `${fact.name} is gone`;
    case "waiting":
      return "not read yet";
    case "unknown":
      return `not known: ${fact.reason}`;
    case "none":
      return `none: ${fact.reason}`;
  }
}
