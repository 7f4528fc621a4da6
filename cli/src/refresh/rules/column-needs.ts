import { isWordless, looksLikePii, soundsLong } from "../masks/sensitive.ts";
import type { CatalogueColumn, CatalogueTable } from "../model/catalogue.ts";
import { type ColumnType, columnType } from "../model/column-type.ts";
import { shownColumn } from "../model/names.ts";
import { isLong, isPersonalKey, looksPersonal, type Observed } from "../model/observed.ts";
import { type Link, partOfReference, type Schema } from "./links.ts";
import type { Classified } from "./ownership.ts";

/** What decides whether a column may pass without anybody's word. */
export interface ColumnGround {
  schema: Schema;
  /** Columns by which rows are chosen. */
  tenantColumns: Set<string>;
  /** Type columns of declared references. */
  typeColumns: Set<string>;
  /** What values look like, where somebody has sampled them. */
  observed?: Observed;
}

/** Columns by which rows are found, or find others: keys, references, the organization, types of pairs. */
export const isLeading = (
  table: CatalogueTable,
  { name }: CatalogueColumn,
  ground: ColumnGround,
): boolean =>
  choosesRows(shownColumn(table, name), ground) ||
  isKeyOrReference(ground.schema.links, table, name);

/** Whether somebody has to have said something of the column. */
export function requiresClassification(
  { class: tableClass, table }: Classified,
  column: CatalogueColumn,
  ground: ColumnGround,
): boolean {
  const { catalogue, links } = ground.schema;
  const type = columnType(column.type, catalogue);
  if (choosesRows(shownColumn(table, column.name), ground)) return false;
  if (type.family === "boolean") return false;
  const subject = shownColumn(table, column.name);
  const sample = ground.observed?.[subject];
  const named = looksLikePii(column.name, type);
  const key =
    isKeyOrReference(links, table, column.name) && !isSecondKey(links, table, column.name);
  if (key && isWordless(type)) return false;
  if (key) return named || isPersonalKey(sample);
  if (isWordless(type)) return named;
  if (tableClass !== "reference") return true;
  // What is the same for everybody may have names of its own, but no documents.
  return named || looksPersonal(sample) || !isShortText(column.name, type) || isLong(sample);
}

const isShortText = (name: string, { family }: ColumnType): boolean =>
  (family === "text" && !soundsLong(name)) || family === "inet";

const choosesRows = (subject: string, { tenantColumns, typeColumns }: ColumnGround): boolean =>
  tenantColumns.has(subject) || typeColumns.has(subject);

/** Of a primary key, or of a reference that leads to one or that the database declares. */
export const isKeyOrReference = (links: Link[], table: CatalogueTable, name: string): boolean =>
  isPrimary(table, name) ||
  partOfReference(links, table, name).some((link) => !link.declared || leadsToKey(link, links));

/** A unique text that others refer to beside the primary key, such as a project's slug: somebody has written it. */
export const isSecondKey = (links: Link[], table: CatalogueTable, name: string): boolean =>
  !isPrimary(table, name) &&
  !partOfReference(links, table, name).some(({ child }) => child === table);

const isPrimary = ({ keys }: CatalogueTable, name: string): boolean =>
  keys.some(({ primary, columns }) => primary && columns.includes(name));

/** What no foreign key leads to may be any unique text, such as a number that somebody else gave. */
const leadsToKey = ({ parent, parentColumns }: Link, links: Link[]): boolean =>
  parentColumns.every(
    (column) =>
      isPrimary(parent, column) ||
      links.some(
        (link) => !link.declared && link.parent === parent && link.parentColumns.includes(column),
      ),
  );
