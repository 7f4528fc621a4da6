import type { Node, TypeName } from "libpg-query";
import { quoteIdentifier } from "../../../postgres/quote.ts";
import type { ColumnType } from "./action.ts";

export const strings = (nodes: Node[] = []): string[] =>
  nodes.flatMap((node) => ("String" in node && node.String.sval ? [node.String.sval] : []));

export const quotedName = (parts: readonly string[]): string =>
  parts.map(quoteIdentifier).join(".");

/** The last part of a name that is quoted as SQL has it. */
export function bareName(quoted: string): string {
  const last = /"((?:[^"]|"")*)"$/.exec(quoted)?.[1];
  return last === undefined ? quoted : last.replaceAll('""', '"');
}

const serials: Readonly<Record<string, string>> = {
  smallserial: "int2",
  serial2: "int2",
  serial: "int4",
  serial4: "int4",
  bigserial: "int8",
  serial8: "int8",
};

export const isSerial = (type: TypeName | undefined): boolean =>
  (strings(type?.names).at(-1) ?? "") in serials;

/** The type of a column; a serial is the integer that it stands for. */
export function columnType(type: TypeName | undefined): ColumnType {
  const names = strings(type?.names);
  const last = names.at(-1) ?? "";
  const modifiers = (type?.typmods ?? []).flatMap((node) =>
    "A_Const" in node && node.A_Const.ival !== undefined ? [node.A_Const.ival.ival ?? 0] : [],
  );
  return {
    name: serials[last] ?? last,
    quoted: quotedName(names),
    modifiers,
    array: (type?.arrayBounds ?? []).length > 0,
  };
}

/** As a person writes it: `varchar(20)[]`. */
export function typeText({ array, modifiers, name }: ColumnType): string {
  const known = written[name] ?? name;
  return `${known}${modifiers.length > 0 ? `(${modifiers.join(", ")})` : ""}${array ? "[]" : ""}`;
}

const written: Readonly<Record<string, string>> = {
  int2: "smallint",
  int4: "integer",
  int8: "bigint",
  float4: "real",
  float8: "double precision",
  bool: "boolean",
  bpchar: "char",
  timestamptz: "timestamptz",
};
