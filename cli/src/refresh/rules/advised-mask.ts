import { looksLikePii } from "../masks/sensitive.ts";
import { type MaskShape, suggestedMask } from "../masks/suggest.ts";
import type { CatalogueColumn, CatalogueTable } from "../model/catalogue.ts";
import { columnType } from "../model/column-type.ts";
import { shownColumn } from "../model/names.ts";
import {
  type ColumnSample,
  isPersonalKey,
  looksPersonal,
  type Observed,
  shapeOf,
} from "../model/observed.ts";
import type { Schema } from "./links.ts";

/** Code of the mask that a column most probably needs; what it refers to needs the same one, or none. */
export function advisedMask(
  table: CatalogueTable,
  column: CatalogueColumn,
  { catalogue, links }: Schema,
  observed: Observed = {},
  seen: readonly string[] = [],
): string {
  const subject = shownColumn(table, column.name);
  const link = links.find(
    ({ child, parent, childColumns, parentColumns }) =>
      child === table &&
      childColumns.includes(column.name) &&
      !seen.includes(shownColumn(parent, parentColumns[childColumns.indexOf(column.name)] ?? "")),
  );
  const referred = link?.parentColumns[link.childColumns.indexOf(column.name)];
  const theirs = link?.parent.columns.find(({ name }) => name === referred);
  if (link && theirs) {
    const personal =
      looksLikePii(theirs.name, columnType(theirs.type, catalogue)) ||
      isPersonalKey(observed[shownColumn(link.parent, theirs.name)]);
    return personal
      ? advisedMask(link.parent, theirs, { catalogue, links }, observed, [...seen, subject])
      : "mask.keep()";
  }
  const sample = observed[subject];
  return suggestedMask(column.name, columnType(column.type, catalogue), {
    person: isOfPersons(table),
    typeOfPair: isTypeOfPair(table, column.name),
    unique: [...table.keys, ...table.partialKeys].some(({ columns }) =>
      columns.includes(column.name),
    ),
    notNull: column.notNull,
    shape: maskShape(sample),
    common:
      sample?.common === true && !looksPersonal(sample) && !isPartOfAddress(table, column.name),
    json: sample?.json,
    allowed: column.allowed ?? catalogue.enums[columnType(column.type, catalogue).base],
  });
}

const masksOfShapes: Record<string, MaskShape> = {
  ...{ email: "email", phone: "phone", url: "url", ip: "ip", uuid: "uuid" },
  ...{ card: "token", secret: "token", name: "name", address: "text", prose: "text" },
};

const maskShape = (sample: ColumnSample | undefined): MaskShape | undefined =>
  masksOfShapes[shapeOf(sample) ?? ""];

/** `state` beside a postal code is where somebody lives. */
const isPartOfAddress = ({ columns }: CatalogueTable, name: string): boolean =>
  /^(state|region|country|area|zone)$/.test(snake(name)) &&
  columns.some((column) =>
    /(^|_)(postal|post_?code|zip|city|street|address)/.test(snake(column.name)),
  );

const persons =
  /(^|_)(users?|people|persons?|customers?|clients?|contacts?|patients?|members?|employees?|staff|authors?|editors?|profiles?|guests?|attendees?|leads?|candidates?|applicants?|subscribers?|drivers?|students?|pupils?|teachers?|doctors?|players?|owners?|recipients?|participants?|visitors?|speakers?|admins?|agents?|voters?|donors?|volunteers?)$/;

/** Whether each row is a person, by the table's name or by what it knows of them. */
const isOfPersons = ({ name, columns }: CatalogueTable): boolean =>
  persons.test(snake(name)) ||
  columns.some((column) =>
    /^(first_?name|last_?name|surname|birth.*|date_of_birth|dob)$/.test(snake(column.name)),
  );

const snake = (name: string): string => name.replace(/([a-z\d])([A-Z])/g, "$1_$2").toLowerCase();

/** `owner_type` beside `owner_id`, which no foreign key leads from: names of the program's own kinds. */
function isTypeOfPair({ columns, foreignKeys }: CatalogueTable, name: string): boolean {
  const id = idOfType(name);
  return (
    id !== undefined &&
    columns.some((column) => column.name === id) &&
    !foreignKeys.some((key) => key.columns.includes(id))
  );
}

/** `owner_type` -> `owner_id`; undefined for other names. */
export const idOfType = (name: string): string | undefined => {
  const id = name.replace(/_type$/, "_id").replace(/Type$/, "Id");
  return id === name ? undefined : id;
};
