import { quoteIdentifier } from "../../../../postgres/quote.ts";
import { rowsProbe } from "../../probes/rows.ts";
import { type Found, ruleOn, type Subject } from "../rule.ts";
import { columns as columnList, rows, shown } from "../words.ts";

export const duplicates = ruleOn(["add-constraint", "create-index"], {
  name: "duplicates",
  group: "data",
  severity: "note",
  what: "A unique constraint or index where there are duplicates: it fails",
  peers: ["atlas MF101"],
  find(action, subject) {
    if (action.kind === "create-index") {
      const { columns, nullsNotDistinct, partial, unique } = action.index;
      if (!unique) return undefined;
      const names = columns.flatMap((name) => name ?? []);
      // Of expressions and conditions the statement's text is not taken apart.
      const isPlain = !partial && names.length === columns.length;
      return duplicatesOf(action.table, names, { nullsNotDistinct, isPlain }, subject);
    }
    const { columns, kind, nullsNotDistinct, usingIndex } = action.constraint;
    const isUnique = (kind === "unique" || kind === "primary-key") && usingIndex === undefined;
    return isUnique
      ? duplicatesOf(action.table, columns, { nullsNotDistinct, isPlain: true }, subject)
      : undefined;
  },
});

function duplicatesOf(
  table: string,
  names: readonly string[],
  { isPlain, nullsNotDistinct }: { isPlain: boolean; nullsNotDistinct: boolean },
  { schema }: Subject,
): Found | undefined {
  const model = schema.table(table);
  if (model?.isNew) return undefined;
  if (isPlain && isUniqueAlready(names, model?.indexes ?? [])) return undefined;
  const on = names.length === 0 ? "its expression" : columnList(names);
  const says = `fails if two rows of ${shown(table)} have the same ${on}`;
  if (!isPlain) return { table, says };
  const quoted = names.map(quoteIdentifier);
  const distinctNulls = nullsNotDistinct
    ? ""
    : ` where ${quoted.map((name) => `${name} is not null`).join(" and ")}`;
  return {
    table,
    says,
    instead: "settle the duplicates first",
    probe: rowsProbe({
      schema,
      table,
      condition: `(${quoted.join(", ")}) in (select ${quoted.join(", ")} from ${table}${distinctNulls} group by ${quoted.join(", ")} having count(*) > 1)`,
      found: (count) => `${rows(count, "shares", "share")} theirs with another`,
      ifFound: "error",
      ifNone: undefined,
    }),
  };
}

const isUniqueAlready = (
  names: readonly string[],
  indexes: readonly { unique: boolean; partial: boolean; columns: (string | undefined)[] }[],
): boolean =>
  indexes.some(
    ({ columns, partial, unique }) =>
      unique &&
      !partial &&
      columns.length > 0 &&
      columns.every((name) => name !== undefined && names.includes(name)),
  );
