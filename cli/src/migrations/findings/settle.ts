import { type Finding, severities } from "./finding.ts";
import type { Suspicion } from "./judge.ts";
import type { Severity } from "./model/severity.ts";
import type { Probe, ProbeResult } from "./probes/probe.ts";
import { isGiven, type RuleSettings } from "./settings.ts";
import { sizeText, type TableSize } from "./table-size.ts";

/** What became of probes on one database. */
export interface ProbesOn {
  results: ReadonlyMap<Suspicion, ProbeResult>;
  /** Whose rows were looked at: `branch dev-phil-local`; empty: nobody's. */
  where: string;
}

interface Evidence {
  /** What became of the probes of a suspicion, database by database. */
  results: readonly ProbesOn[];
  /** By a finding's table, of the database that the migration is for and of others that count. */
  sizes: ReadonlyMap<string, TableSize>;
  /** Sizes in production, as the last refresh has noted them. */
  production: ReadonlyMap<string, TableSize>;
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
  const settledOne = { ...finding, evidence: [...finding.evidence] };
  if (probe !== undefined) {
    const looks = evidence.results.flatMap(({ results, where }) => {
      const result = results.get(suspicion);
      return result === undefined ? [] : [{ where, result }];
    });
    const severity = afterLooks(
      probe,
      looks.map(({ result }) => result),
      finding.severity,
    );
    if (severity === undefined) return [];
    if (!given) settledOne.severity = severity;
    settledOne.evidence.push(...looks.map((look) => lookText(probe, look)));
  }
  if (rule.group === "blocking") weigh(settledOne, suspicion.weighs, given, evidence);
  return [settledOne];
}

/** Undefined: nothing is left of the finding. */
function afterLooks(
  probe: Probe,
  results: readonly ProbeResult[],
  before: Severity,
): Severity | undefined {
  if (results.some((result) => result.kind === "found" && result.count > 0)) return probe.ifFound;
  const isSettled = results.length > 0 && results.every(({ kind }) => kind === "found");
  return isSettled ? probe.ifNone : before;
}

function lookText(probe: Probe, { result, where }: { result: ProbeResult; where: string }): string {
  if (result.kind === "not-tried")
    return where === "" ? `not tried: ${result.because}` : `${where}: not tried: ${result.because}`;
  if (result.count === 0) return `${where}: no such row`;
  const examples = result.examples.length === 0 ? "" : ` (${result.examples.join("; ")})`;
  return `${where}: ${probe.found(result.count)}${examples}`;
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
