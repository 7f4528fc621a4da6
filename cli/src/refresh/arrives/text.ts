import { plural } from "../../lib/format/plural.ts";
import { personalShapes, type Shapes } from "../model/observed.ts";
import { unseenText } from "../samples/unseen.ts";
import {
  type Arrivals,
  type Crossing,
  isCrossed,
  isOfNote,
  type TableArrivals,
  type UnmaskedColumn,
} from "./arrivals.ts";

const thousands = (count: number) => count.toLocaleString("en-US");
const rowsText = (count: number) => plural(count, "row").replace(/^\d+/, thousands(count));

/** Lines of a list that a person still reads. */
const mostLines = 40;
/** Before "yes" only the worst. */
const worst = 5;

function cut(lines: readonly string[], all: boolean, most = mostLines): string[] {
  const shown = all ? lines : lines.slice(0, most);
  const more = lines.length - shown.length;
  return [...shown, ...(more > 0 ? [`  and ${more} more: --plan --all`] : [])];
}

/** All of it, as `--plan` prints it. */
export function arrivalsText(arrivals: Arrivals, all = false): string {
  const { tables, crossings, unseen } = arrivals;
  const rows = tables.filter(isOfNote).map((each) => `  ${tableText(each)}`);
  const columns = tables.flatMap((each) =>
    each.unmasked.map((column) => `  ${each.table}.${columnText(column)}`),
  );
  const crossed = crossings.filter(isCrossed).map((each) => `  ${crossingText(each)}`);
  return [
    ...section("Rows that are not only this organization's:", rows, all),
    ...section("Rows that refer to another organization's:", crossed, all),
    ...section("Not masked, and what values in production look like:", columns, all),
    ...section(
      "Not looked at:",
      unseenText(unseen, all).map((line) => `  ${line}`),
      true,
    ),
  ].join("\n");
}

const section = (title: string, lines: readonly string[], all: boolean): string[] =>
  lines.length === 0 ? [] : ["", title, ...cut(lines, all)];

/** Totals and the worst, for the question before a refresh. */
export function arrivalsBrief({ tables, crossings, unseen }: Arrivals): string[] {
  const noted = tables.filter(isOfNote).sort((one, other) => foreign(other) - foreign(one));
  const rows = noted.reduce((sum, each) => sum + foreign(each), 0);
  const columns = tables.flatMap((each) =>
    each.unmasked.map((column) => ({ name: `${each.table}.${column.column}`, column })),
  );
  const personal = columns
    .filter(({ column }) => personalShapes(column).length > 0)
    .map(({ name, column }) => `${name} (${shapesText(column.shapes)})`);
  const crossed = crossings.filter(isCrossed);
  const blind = unseen.filter(({ why }) => why !== "EMPTY").length;
  const lines = [
    ...(noted.length === 0
      ? []
      : [
          `${plural(noted.length, "table")} ${noted.length === 1 ? "brings" : "bring"} rows that are not only this organization's, ${rowsText(rows)} of them others' or nobody's as far as counted`,
          ...cut(
            noted.map((each) => `  ${tableText(each)}`),
            false,
            worst,
          ),
        ]),
    ...cut(
      crossed.map((each) => crossingText(each)),
      false,
      worst,
    ),
    ...(columns.length === 0
      ? []
      : [
          `${plural(columns.length, "column")} with words ${columns.length === 1 ? "is" : "are"} not masked; in ${personal.length} of them a sample looks personal${personal.length === 0 ? "" : ":"}`,
        ]),
    ...cut(
      personal.map((text) => `  ${text}`),
      false,
      worst,
    ),
    ...(blind === 0
      ? []
      : [`the values of ${plural(blind, "table or column", "tables or columns")} were not seen`]),
  ];
  return lines.length === 0 ? [] : [...lines, "all of it: ds db refresh-staging --plan --all"];
}

const foreign = ({ others = 0, nobodys = 0 }: TableArrivals): number => others + nobodys;

function tableText(arrivals: TableArrivals): string {
  const { table, class: of, rows, others, nobodys, tenants } = arrivals;
  const count =
    rows === undefined
      ? "not counted"
      : of !== "reference" && !rows.exact
        ? `about ${rowsText(rows.rows)}`
        : `${rows.exact ? "" : "about "}${rowsText(rows.rows)}`;
  const parts =
    of === "reference"
      ? [
          `all rows come, ${count}`,
          ...(tenants === undefined ? [] : [`${plural(tenants, "organization")} refer to them`]),
          ...(others ? [`${thousands(others)} only other organizations refer to`] : []),
          ...(nobodys ? [`${thousands(nobodys)} none refers to`] : []),
        ]
      : [
          `${count}${of === "shared" ? " that others refer to" : ""}`,
          ...(others
            ? [`${thousands(others)} ${of === "shared" ? "also of" : "of"} other organizations`]
            : []),
          ...(nobodys ? [`${thousands(nobodys)} of nobody`] : []),
        ];
  const unknown = others === undefined && rows !== undefined ? ["whose they are is not known"] : [];
  return `${table} (${of}): ${[...parts, ...unknown].join("; ")}`;
}

function columnText({ column, type, why, values, shapes, paths }: UnmaskedColumn): string {
  const found = shapesText(shapes);
  const inside = Object.entries(paths ?? {})
    .filter(([, below]) => Object.keys(below).length > 0)
    .map(([path, below]) => `${path}: ${shapesText(below)}`);
  const seen =
    values === 0
      ? "no value seen"
      : found === ""
        ? `nothing in particular in ${plural(values, "value")}`
        : `${found} of ${plural(values, "value")}`;
  return `${column} ${type} (${why}): ${seen}${inside.length === 0 ? "" : `; ${inside.join(", ")}`}`;
}

const shapesText = (shapes: Shapes): string =>
  Object.entries(shapes)
    .sort(([, one], [, other]) => other - one)
    .map(([shape, share]) => `${shape} ${share < 0.01 ? "under 1" : Math.round(share * 100)}%`)
    .join(", ");

const consequences: Record<Crossing["crossTenant"], string> = {
  fail: "this stops the refresh",
  null: "the reference becomes NULL",
  allow: "those rows come along",
};

function crossingText({ name, from, to, others, dangling, crossTenant }: Crossing): string {
  const what = `${from} > ${to} (${name})`;
  if (others === undefined) return `${what}: not counted`;
  const parts = [
    ...(others > 0
      ? [
          `${rowsText(others)} ${others === 1 ? "refers" : "refer"} to another organization's, and ${consequences[crossTenant]}`,
        ]
      : []),
    ...(dangling ? [`${rowsText(dangling)} to what does not exist`] : []),
  ];
  return `${what}: ${parts.join("; ")}`;
}
