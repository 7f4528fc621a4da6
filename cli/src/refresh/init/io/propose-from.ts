import type { Client } from "pg";
import type { Catalogue } from "../../model/catalogue.ts";
import { readCatalogue } from "../../model/io/read-catalogue.ts";
import { countRows } from "../../samples/io/count-rows.ts";
import { compareValues } from "../../samples/io/overlaps.ts";
import { sampleColumns } from "../../samples/io/sample-columns.ts";
import type { Unseen } from "../../samples/unseen.ts";
import { type Draft, draftTables, type Proposal, type SaidTenant } from "../propose.ts";
import type { RowCounts } from "../propose-tables.ts";
import { softCandidates } from "../soft-candidates.ts";
import { type SoftReferences, softReferences } from "../soft-references.ts";
import { proposeFitting, type Refused } from "./fit-masks.ts";

export interface Known {
  /** Tables with the records of migrations, as `readCatalogue` takes them. */
  without: string[];
  migrated: RowCounts;
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
  const filled = schema.tables.filter((table) => isSource && migrated.size > 0 && table.readable);
  const source = await countRows(client, filled);
  const nothing: SoftReferences = { references: {}, crossTenant: {} };
  const first = draftTables(schema, { migrated, source, soft: nothing }, said);
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
  const draft = draftTables(schema, { migrated, source, soft }, said) ?? first;
  Object.assign(soft.crossTenant, ofEverybody(draft));
  const copied = draft.tables.filter(
    ({ class: tableClass }) => tableClass !== "skip" && tableClass !== "keep",
  );
  const sampled = await sampleColumns(client, draft.schema, copied);
  const fitting = await proposeFitting(client, draft, sampled.observed);
  return { ...fitting, draft, schema, unseen, unseenValues: [...unseenValues, ...sampled.unseen] };
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
