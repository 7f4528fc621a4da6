import type { CatalogueTable } from "./catalogue.ts";

/**
 * Pairs of a kind and an id, by which a row refers to one of several tables: no foreign key can say so, names have to.
 */

/** `owner_type` -> `owner_id`; undefined for other names. */
export const idOfType = (name: string): string | undefined => {
  const id = name.replace(/_type$/, "_id").replace(/Type$/, "Id");
  return id === name ? undefined : id;
};

const kinds = /(_?(?:type|kind|class|model|table)|(?:Type|Kind|Class|Model|Table))$/;
/** Words that programs have for whatever it may be; a kind of theirs is often called by the word alone. */
const anything = /^(entity|object|resource|record|model|target)$/i;
/** Django has the two beside each other under these names. */
const others: Record<string, string> = { content_type: "object_id", content_type_id: "object_id" };
const rowNames = ["record_id", "row_id", "recordId", "rowId"];

/**
 * The column of ids that goes with a column of kinds: `owner_kind` and `owner_id`, `entity` and `entity_id`,
 * `table_name` and `record_id`. Undefined where the table has none, or a foreign key leads from it.
 */
export function idBeside(
  { columns, foreignKeys }: Pick<CatalogueTable, "columns" | "foreignKeys">,
  kind: string,
): string | undefined {
  const isThere = (id: string) =>
    id !== kind &&
    columns.some(({ name }) => name === id) &&
    !foreignKeys.some((key) => key.columns.includes(id));
  return idNames(kind).find(isThere);
}

function idNames(kind: string): string[] {
  const bare = kind.replace(/(_name|Name)$/, "");
  const stem = kind.replace(kinds, "");
  const ofTable = /^(table|model|entity)$/i.test(bare) ? rowNames : [];
  const word = anything.test(bare) ? [bare] : [];
  const stems = [...(stem !== kind && stem !== "" ? [stem] : []), ...word];
  return [
    ...stems.flatMap((each) => [`${each}_id`, `${each}Id`, `${each}_uuid`]),
    ...(others[kind] ? [others[kind]] : []),
    ...ofTable,
  ];
}
