import { spaced } from "../masks/sensitive.ts";
import type { Catalogue, CatalogueTable } from "../model/catalogue.ts";
import { type ColumnType, columnType } from "../model/column-type.ts";
import { columnOf, singleKey } from "../rules/links.ts";

/**
 * How well a column's name fits a key of another table.
 *
 * - `exact`: it is the table's name and the key's: `project_id`, `external_customer_id` for `customers.external_id`
 * - `part`: with more before it (`source_project_id`), or the table's last word alone (`project_id` for `app_projects`)
 * - `hint`: an abbreviation (`org_id`), a person's part (`created_by`), a row of the same table (`parent_id`)
 */
export type NameFit = "exact" | "part" | "hint";

export interface NamedKey {
  table: CatalogueTable;
  /** A column that is a key by itself. */
  column: string;
  fit: NameFit;
}

/** Keys of one column of tables whose rows may be looked up. */
export const keyColumns = (table: CatalogueTable): string[] => [
  ...new Set(table.keys.flatMap(({ columns }) => (columns.length === 1 ? columns : []))),
];

/** Words that a key, or what refers to it, ends in. */
const idWords = ["id", "uuid", "uid", "guid", "key", "code", "ref", "no", "number", "nr", "sku"];
/** As many keys as a name may fit. */
const mostKeys = 6;
const roles =
  /^(created|updated|deleted|modified|edited|approved|assigned|invited|uploaded|closed|performed) by$|^(owner|author|assignee|creator|actor|sender|reviewer|recipient|reporter|manager|performer|uploader|editor)$/;
const persons =
  /^(user|person|people|member|account|employee|customer|contact|profile|admin|agent|staff)$/;
const rowsOfOwn =
  /^(parent|root|previous|next|original|reply to|replied to|duplicate of|superseded by)$/;

/** Which keys names may mean; made once for all of a database's columns. */
export class KeyNames {
  private readonly tables: { table: CatalogueTable; joined: string; isOfPersons: boolean }[] = [];
  private readonly byWords = new Map<string, Omit<NamedKey, "fit">[]>();
  private readonly byLast = new Map<string, Omit<NamedKey, "fit">[]>();

  constructor({ tables }: Pick<Catalogue, "tables">) {
    for (const table of tables.filter(({ kind }) => kind !== "partition")) {
      const words = tableWords(table);
      const last = words.slice(-1);
      const isOfPersons = persons.test(last[0] ?? "");
      this.tables.push({ table, joined: words.join(""), isOfPersons });
      for (const column of keyColumns(table)) {
        const key = { table, column };
        for (const name of namesOf(words, key)) add(this.byWords, name, key);
        if (words.length > 1) for (const name of namesOf(last, key)) add(this.byLast, name, key);
      }
    }
  }

  /** The keys that the column's name fits best: none where there are too many to choose from. */
  of(table: CatalogueTable, name: string): NamedKey[] {
    const words = spaced(name).split(" ");
    const ends = words.map((_, from) => sorted(words.slice(from)));
    const isOther = (key: Omit<NamedKey, "fit">) => key.table !== table || key.column !== name;
    const found: [NameFit, Omit<NamedKey, "fit">[]][] = [
      ["exact", this.byWords.get(ends[0] ?? "") ?? []],
      ["part", ends.slice(1).flatMap((end) => this.byWords.get(end) ?? [])],
      ["part", ends.flatMap((end) => this.byLast.get(end) ?? [])],
      ["hint", this.hinted(table, words)],
    ];
    for (const [fit, keys] of found) {
      const others = [...new Set(keys)].filter(isOther);
      if (others.length > 0)
        return others.length > mostKeys ? [] : others.map((key) => ({ ...key, fit }));
    }
    return [];
  }

  private hinted(table: CatalogueTable, words: string[]): Omit<NamedKey, "fit">[] {
    const isId = idWords.includes(words.at(-1) ?? "");
    const stem = (isId ? words.slice(0, -1) : words).join(" ");
    const isRole = roles.test(stem);
    const isOfOwn = rowsOfOwn.test(stem);
    const isShort = isId && /^[a-z]{3,}$/.test(stem);
    if (!isRole && !isOfOwn && !isShort) return [];
    const fitting = this.tables.filter((other) => {
      if (isRole) return other.isOfPersons;
      return isOfOwn ? other.table === table : other.joined.startsWith(stem);
    });
    return fitting.flatMap((other) => {
      const column = singleKey(other.table);
      return column === undefined ? [] : [{ table: other.table, column }];
    });
  }
}

/** Names by which others call a key: `project id`; a primary key also `project uuid`, `project`. */
function namesOf(words: string[], { table, column }: Omit<NamedKey, "fit">): string[] {
  const key = spaced(column).split(" ");
  const isPrimary = singleKey(table) === column;
  // `customers.customer_no` is called so elsewhere, too.
  const own = key.length > 1 && idWords.includes(key.at(-1) ?? "") ? [sorted(key)] : [];
  const isId = idWords.includes(key.at(-1) ?? "");
  return [
    ...new Set([
      ...own,
      ...(isId || isPrimary ? [sorted([...words, ...key])] : []),
      ...(isPrimary ? [sorted(words), ...idWords.map((id) => sorted([...words, id]))] : []),
    ]),
  ];
}

const sorted = (words: readonly string[]): string => [...words].sort().join(" ");

const tableWords = ({ name }: CatalogueTable): string[] => {
  const words = spaced(name).split(" ");
  return [...words.slice(0, -1), singular(words.at(-1) ?? "")];
};

const singular = (word: string): string =>
  word === "people"
    ? "person"
    : word
        .replace(/ies$/, "y")
        .replace(/(s|x|z|ch|sh)es$/, "$1")
        .replace(/([^s])s$/, "$1");

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}

/** Whether a column's name says that it leads to something, whatever that is. */
export const isIdName = (name: string): boolean => {
  const words = spaced(name).split(" ");
  return idWords.includes(words.at(-1) ?? "") || roles.test(words.join(" "));
};

/** Whether values of the one can be values of the other: as they are, or once they are cast. */
export function comparable(own: ColumnType, theirs: ColumnType): boolean {
  if (own.array || theirs.array) return false;
  const families = ["integer", "text", "uuid"];
  if (!families.includes(own.family) || !families.includes(theirs.family)) return false;
  return own.family === theirs.family || own.family === "text" || theirs.family === "text";
}

export const typeOf = (table: CatalogueTable, name: string, catalogue: Catalogue): ColumnType =>
  columnType(columnOf(table, name)?.type ?? "", catalogue);
