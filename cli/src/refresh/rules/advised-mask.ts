import { type Mask, mask } from "../../config/define/masks.ts";
import { maskCode } from "../masks/mask-code.ts";
import { misfitOf } from "../masks/misfit.ts";
import { looksLikePii } from "../masks/sensitive.ts";
import { fittingMasks, type Known, type MaskShape } from "../masks/suggest.ts";
import type { Catalogue, CatalogueColumn, CatalogueTable } from "../model/catalogue.ts";
import { columnType } from "../model/column-type.ts";
import { keyText, shownColumn } from "../model/names.ts";
import {
  type ColumnSample,
  isPersonalKey,
  looksPersonal,
  type Observed,
  type Shape,
  shapeOf,
} from "../model/observed.ts";
import { idOfType } from "../model/pairs.ts";
import { columnFit } from "./column-fit.ts";
import { isKeyOrReference, isSecondKey } from "./column-needs.ts";
import type { Schema } from "./links.ts";
import { originOf, type TableColumn, tiedColumns } from "./tied-columns.ts";

/** What advice goes by. */
export interface AdviceGround {
  schema: Schema;
  /** Of main as it is migrated, where that is known. */
  target?: Catalogue;
  observed?: Observed;
}

/**
 * Masks that fit a column, the most probable one first; none where nothing does. Columns that references tie
 * together have the same ones: those of what they refer to in the end, as far as they fit all of them, or
 * `keep` where that is nothing personal.
 */
export function advisedMasks(
  table: CatalogueTable,
  column: CatalogueColumn,
  ground: AdviceGround,
): Mask[] {
  const { schema, target = schema.catalogue, observed = {} } = ground;
  const { catalogue, links } = schema;
  const origin = originOf({ table, column }, links);
  const { table: at, column: of } = origin;
  const isKey = isKeyOrReference(links, at, of.name) && !isSecondKey(links, at, of.name);
  if (origin.column !== column && isKey && !isPersonal(origin, ground)) return [mask.keep()];
  const tied = tiedColumns(origin, links);
  const fits = tied.map((each) => columnFit(each.table, each.column.name, catalogue, target));
  const refused = tied.flatMap((each) => sampleOf(each, observed)?.refused ?? []);
  const known = { ...knownOf(origin, ground), refused };
  const { type } = columnFit(origin.table, origin.column.name, catalogue, target);
  return fittingMasks(origin.column.name, type, known).filter((each) =>
    fits.every((fit) => each.mask === "keep" || misfitOf(each, fit) === undefined),
  );
}

/** As a line of the rules. */
export function adviceLine(
  table: CatalogueTable,
  column: CatalogueColumn,
  ground: AdviceGround,
): string {
  const [first] = advisedMasks(table, column, ground);
  const name = keyText(shownColumn(table, column.name));
  return first === undefined
    ? `${name}: mask.keep(),  // no mask fits: look at its values first, or write mask.sql("...")`
    : `${name}: ${maskCode(first)},`;
}

const sampleOf = ({ table, column }: TableColumn, observed: Observed): ColumnSample | undefined =>
  observed[shownColumn(table, column.name)];

const isPersonal = (of: TableColumn, { schema, observed = {} }: AdviceGround): boolean =>
  looksLikePii(of.column.name, columnType(of.column.type, schema.catalogue)) ||
  isPersonalKey(sampleOf(of, observed));

function knownOf(of: TableColumn, { schema, target, observed = {} }: AdviceGround): Known {
  const { table, column } = of;
  const sample = sampleOf(of, observed);
  const { unique, oneNull, notNull, labels } = columnFit(
    table,
    column.name,
    schema.catalogue,
    target ?? schema.catalogue,
  );
  return {
    person: isOfPersons(table),
    typeOfPair: isTypeOfPair(table, column.name),
    unique,
    ...(oneNull && { oneNull }),
    notNull,
    shape: maskShape(sample),
    personal: looksPersonal(sample),
    common: sample?.common === true && !isPartOfAddress(table, column.name),
    various: isVarious(sample),
    json: sample?.json,
    allowed: labels,
    mentioned: column.mentioned,
  };
}

/** A list of languages or currencies has short words that come again. */
const isVarious = (sample: ColumnSample | undefined): boolean =>
  sample !== undefined &&
  (sample.longest > 64 || (sample.filled > 9 && sample.distinct * 2 > sample.filled));

const masksOfShapes: Partial<Record<Shape, MaskShape>> = {
  ...{ email: "email", phone: "phone", url: "url", link: "url", ip: "ip", uuid: "uuid" },
  ...{ card: "token", iban: "token", secret: "token", name: "name", address: "text" },
  ...{ person: "text", prose: "text" },
};

function maskShape(sample: ColumnSample | undefined): MaskShape | undefined {
  const shape = shapeOf(sample);
  const mask = shape && masksOfShapes[shape];
  // A sentence with an address in it is no address.
  const isSentence = (sample?.longest ?? 0) > longestOfOne && mask !== "url" && mask !== "token";
  return isSentence && mask !== undefined ? "text" : mask;
}

/** Characters of an e-mail address, a name or a phone number that still is nothing else. */
const longestOfOne = 120;

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
