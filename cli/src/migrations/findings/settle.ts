import { type Finding, severities } from "./finding.ts";
import type { Suspicion } from "./judge.ts";
import type { ProbeResult } from "./probes/probe.ts";
import { isGiven, type RuleSettings } from "./settings.ts";
import { sizeText, type TableSize } from "./table-size.ts";

interface Evidence {
  /** What became of the probe of a suspicion; undefined where it has none. */
  results: ReadonlyMap<Suspicion, ProbeResult>;
  /** By a finding's table, of the database that the migration is for and of others that count. */
  sizes: ReadonlyMap<string, TableSize>;
  /** Sizes in production, as the last refresh has noted them. */
  production: ReadonlyMap<string, TableSize>;
  /** Whose rows the probes have looked at: `dev-phil-local`. */
  where: string | undefined;
  settings: RuleSettings;
}

/** The findings that remain, with what they rest on: the worst first, then in the order of the statements. */
export function settle(suspicions: readonly Suspicion[], evidence: Evidence): Finding[] {
  return suspicions
    .flatMap((suspicion) => settled(suspicion, evidence))
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

function settled(suspicion: Suspicion, evidence: Evidence): Finding[] {
  const { finding, probe, rule } = suspicion;
  const given = isGiven(rule, evidence.settings);
  const result = evidence.results.get(suspicion);
  const settledOne = { ...finding, evidence: [...finding.evidence] };
  if (probe !== undefined && result !== undefined) {
    if (result.kind === "not-tried") settledOne.evidence.push(`not tried: ${result.because}`);
    else if (result.count === 0) {
      if (probe.ifNone === undefined) return [];
      if (!given) settledOne.severity = probe.ifNone;
      settledOne.evidence.push(`${evidence.where}: no such row`);
    } else {
      if (!given) settledOne.severity = probe.ifFound;
      const examples = result.examples.length === 0 ? "" : ` (${result.examples.join("; ")})`;
      settledOne.evidence.push(`${evidence.where}: ${probe.found(result.count)}${examples}`);
    }
  }
  if (rule.group === "blocking") weigh(settledOne, suspicion.weighs, given, evidence);
  return [settledOne];
}

/** What blocks for a moment only is a note. */
function weigh(
  finding: Finding,
  tables: readonly string[],
  given: boolean,
  { production, settings, sizes }: Evidence,
): void {
  const here = largest(tables, sizes);
  const there = largest(tables, production);
  if (here !== undefined) finding.evidence.push(sizeText(here));
  if (there !== undefined) finding.evidence.push(`production: ${sizeText(there)}`);
  const known = [here ?? [], there ?? []].flat();
  const isSmall = known.length > 0 && known.every((size) => isBelow(size, settings.smallTable));
  if (isSmall && !given && finding.severity !== "error") finding.severity = "note";
}

function largest(
  tables: readonly string[],
  sizes: ReadonlyMap<string, TableSize>,
): TableSize | undefined {
  const found = tables.flatMap((table) => sizes.get(table) ?? []);
  return found.toSorted((a, b) => b.bytes - a.bytes)[0];
}

/** A table that was never analyzed is not called small. */
const isBelow = ({ bytes, rows }: TableSize, small: RuleSettings["smallTable"]): boolean =>
  rows !== undefined && rows < small.rows && bytes < small.bytes;
