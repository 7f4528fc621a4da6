import { mask } from "../../../config/define/masks.ts";
import { quoteIdentifier } from "../../../postgres/quote.ts";
import { maskCode } from "../../masks/mask-code.ts";
import type { CatalogueTable } from "../../model/catalogue.ts";
import { shownColumn } from "../../model/names.ts";
import { type Observed, unsampled } from "../../model/observed.ts";
import { advisedMasks } from "../../rules/advised-mask.ts";
import { columnOf } from "../../rules/links.ts";
import { maskSql } from "../../rules/mask-sql.ts";
import type { Asks } from "../../samples/io/attempt.ts";
import { tryColumn, tryRows, type Verdict } from "../../samples/io/try-masks.ts";
import type { Trial } from "../../samples/trial-sql.ts";
import { type Draft, type Proposal, proposeColumns } from "../propose.ts";

/** A mask that a constraint of the column does not let in. */
export interface Refused {
  column: string;
  mask: string;
  constraint: string;
}

/** More masks than this there are for no column. */
const mostRounds = 16;

/**
 * The columns of a proposal whose masks keep to the columns' checks: those that do not are proposed anew, together
 * with all that references tie to them.
 */
export async function proposeFitting(
  client: Asks,
  draft: Draft,
  sampled: Observed,
): Promise<{ proposal: Proposal; refused: Refused[] }> {
  const observed = { ...sampled };
  const refused: Refused[] = [];
  const fitting = new Set<string>();
  let proposal = proposeColumns(draft, observed);
  for (let round = 0; round < mostRounds; round += 1) {
    const found = await refusedOf(client, { draft, observed, proposal, fitting });
    if (found.length === 0) break;
    refused.push(...found);
    for (const { column, mask: code } of found) {
      const known = observed[column] ?? unsampled;
      observed[column] = { ...known, refused: [...(known.refused ?? []), code] };
    }
    proposal = proposeColumns(draft, observed);
  }
  return { proposal, refused };
}

interface Round {
  draft: Draft;
  observed: Observed;
  proposal: Proposal;
  /** Columns with the masks that were tried and keep to the checks. */
  fitting: Set<string>;
}

async function refusedOf(client: Asks, round: Round): Promise<Refused[]> {
  const refused: Refused[] = [];
  for (const { table } of round.draft.tables) {
    if (!table.readable || table.rowSecurity.active) continue;
    for (const check of table.checks ?? []) {
      const columns = check.columns.map((name) => proposed(table, name, round));
      const masked = columns.filter(({ mask }) => mask !== undefined);
      const codes = masked.map(({ subject, code }) => `${subject} ${code}`).join(", ");
      const tried = `${check.name}: ${codes}`;
      if (masked.length === 0 || round.fitting.has(tried)) continue;
      const verdict = await tryOn(client, { table, check, expressions: columns }, round);
      if (verdict.is !== "fails") round.fitting.add(tried);
      else {
        // NULL fits most checks by itself; beside others it may be what is missing.
        const { subject, code } =
          masked.find(({ mask }) => mask?.mask === "null") ??
          masked.findLast(({ mayBeNull }) => mayBeNull) ??
          masked[0] ??
          {};
        if (subject !== undefined && code !== undefined) {
          refused.push({ column: subject, mask: code, constraint: check.name });
        }
      }
    }
  }
  return refused;
}

function tryOn(client: Asks, trial: Trial, { draft }: Round): Promise<Verdict> {
  const [only, ...others] = trial.expressions as readonly ReturnType<typeof proposed>[];
  if (others.length > 0 || only?.mask === undefined) return tryRows(client, trial);
  return tryColumn(client, trial, { mask: only.mask.mask, source: draft.schema.catalogue });
}

/** What the proposal makes of a column. */
function proposed(
  table: CatalogueTable,
  name: string,
  { draft: { schema }, observed, proposal }: Round,
) {
  const subject = shownColumn(table, name);
  const code = proposal.columns[subject];
  const column = columnOf(table, name);
  const raw = { name, subject, code, mask: undefined, expression: `t.${quoteIdentifier(name)}` };
  const mayBeNull = column?.notNull === false;
  if (!column || code === undefined) return { ...raw, mayBeNull };
  const known = [
    ...advisedMasks(table, column, { schema, observed }),
    mask.name({ part: "company" }),
  ].find((each) => maskCode(each) === code);
  const made =
    known &&
    known.mask !== "keep" &&
    maskSql(known, { table, column }, { schema, target: schema.catalogue });
  if (!made || !("sql" in made)) return { ...raw, mayBeNull };
  return { ...raw, mask: known, expression: made.sql, mayBeNull };
}
