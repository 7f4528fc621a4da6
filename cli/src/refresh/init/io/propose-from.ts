import type { Client } from "pg";
import type { Catalogue } from "../../model/catalogue.ts";
import { readCatalogue } from "../../model/io/read-catalogue.ts";
import { shownName } from "../../model/names.ts";
import type { Classified } from "../../rules/ownership.ts";
import { attempt } from "../../samples/io/attempt.ts";
import { countRows } from "../../samples/io/count-rows.ts";
import { compareValues } from "../../samples/io/overlaps.ts";
import { sampleColumns } from "../../samples/io/sample-columns.ts";
import type { Unseen } from "../../samples/unseen.ts";
import {
  type Draft,
  draftTables,
  nothingKnown,
  type Proposal,
  type SaidTenant,
} from "../propose.ts";
import type { RowCounts } from "../propose-tables.ts";
import { softCandidates } from "../soft-candidates.ts";
import { type SoftReferences, softReferences } from "../soft-references.ts";
import { proposeFitting, type Refused } from "./fit-masks.ts";

export interface Known {
  /** Tables with the records of migrations, as `readCatalogue` takes them. */
  without: string[];
  /** Which rows main's migrations make: known later than all the rest. */
  migrated: Promise<RowCounts>;
  said: SaidTenant | undefined;
  /** Production, and not main in its place. */
  isSource: boolean;
}

interface Proposed {
  /** Undefined where no table looks like that of the organizations. */
  proposal: Proposal | undefined;
  draft: Draft | undefined;
  schema: Catalogue;
  /** Masks that were not proposed, as a check constraint does not let them in. */
  refused: Refused[];
  /** What could not be looked at. */
  unseen: string[];
  unseenValues: Unseen[];
}

/** Reads a database's tables, and has it say what their values look like. In a transaction that changes nothing. */
export async function propose(
  client: Pick<Client, "query">,
  { without, migrated, said, isSource }: Known,
): Promise<Proposed> {
  const schema = await readCatalogue(client, { what: "the database", without });
  const first = draftTables(schema, nothingKnown, said);
  if (!first) {
    return {
      proposal: undefined,
      refused: [],
      draft: undefined,
      schema,
      unseen: [],
      unseenValues: [],
    };
  }
  const { soft, unseen, unseenValues } = await findSoft(client, first);
  const isTold = Object.keys(soft.references).length > 0;
  const named = (isTold && draftTables(schema, { ...nothingKnown, soft }, said)) || first;
  // What the migrations make is kept then, and was looked at in vain.
  const looked = copiedOf(named);
  const sampled = await sampleColumns(client, named.schema, looked);
  const made = await migrated;
  const known = {
    migrated: made,
    source: await inSource(client, schema, { made, isSource }),
    soft,
  };
  const draft = (made.size > 0 && draftTables(schema, known, said)) || named;
  Object.assign(soft.crossTenant, ofEverybody(draft));
  const copied = copiedOf(draft);
  const late = copied.filter(({ table }) => !looked.some((each) => each.table === table));
  const more = await sampleColumns(client, draft.schema, late);
  const observed = { ...sampled.observed, ...more.observed };
  const fitting = await proposeFitting(client, draft, observed);
  const names = copied.map(({ table }) => shownName(table));
  const unsampled = [...sampled.unseen, ...more.unseen].filter(({ of }) =>
    names.some((name) => of === name || of.startsWith(`${name}.`)),
  );
  return { ...fitting, draft, schema, unseen, unseenValues: [...unseenValues, ...unsampled] };
}

const copiedOf = ({ tables }: Draft): Classified[] =>
  tables.filter(({ class: tableClass }) => tableClass !== "skip" && tableClass !== "keep");

/** Of the tables that the migrations fill, how many rows the source has: too many where it could not be asked. */
async function inSource(
  client: Pick<Client, "query">,
  { tables }: Catalogue,
  { made, isSource }: { made: RowCounts; isSource: boolean },
): Promise<RowCounts> {
  const filled = tables.filter((table) => (made.get(shownName(table)) ?? 0) > 0);
  if (!isSource) return new Map();
  const counted = await attempt(client, () => countRows(client, filled));
  if ("value" in counted) return counted.value;
  return new Map(filled.map((table) => [shownName(table), Number.POSITIVE_INFINITY]));
}

/** Rows of everybody may lead to anybody's: what is not the organization's is emptied. */
function ofEverybody({ schema, tables, soft }: Draft): SoftReferences["crossTenant"] {
  const owned = new Set(tables.filter((each) => "through" in each).map(({ table }) => table));
  const open = schema.links.filter(
    ({ name, child, parent, notNull }) =>
      soft.references[name] !== undefined && !notNull && !owned.has(child) && owned.has(parent),
  );
  return Object.fromEntries(open.map(({ name }) => [name, "null"]));
}

/** Values of a column that are looked up, for a name that fits and for each table without one. */
const most = { named: 200, unnamed: 30 };

async function findSoft(
  client: Pick<Client, "query">,
  { schema, rules, tables }: Draft,
): Promise<{ soft: SoftReferences; unseen: string[]; unseenValues: Unseen[] }> {
  const { candidates, left } = softCandidates(schema, rules);
  const linksWith = (isNamed: boolean) =>
    candidates.filter(({ fit }) => (fit !== undefined) === isNamed).map(({ link }) => link);
  const compare = (isNamed: boolean) =>
    compareValues(client, schema, {
      links: linksWith(isNamed),
      tables,
      most: isNamed ? most.named : most.unnamed,
    });
  const named = await compare(true);
  const unnamed = await compare(false);
  const overlaps = new Map([...named.overlaps, ...unnamed.overlaps]);
  const unseen =
    left > 0 ? [`${left} pairs of columns that only their values could tie together`] : [];
  const both = [...named.unseen, ...unnamed.unseen];
  const unseenValues = [...new Map(both.map((each) => [each.of, each])).values()];
  return { soft: softReferences(candidates, overlaps), unseen, unseenValues };
}
