import { quoteQualified } from "../../quote.ts";
import { type LeftOut, shownTable } from "../shape.ts";
import { textSettings } from "../sql.ts";
import { leftOutLines } from "../text.ts";
import { commentText, nameSql, tableSql, valueLiteral } from "./literal.ts";
import type { StatementPlan, TableFacts } from "./plan.ts";
import type { Actor, ForeignKey } from "./target.ts";

// What stands before and behind the rows' statements: one transaction, settings that values are written for, and what is
// taken off for it and put back.

export interface Ending {
  plan: StatementPlan;
  sequences: readonly {
    schema: string;
    name: string;
    state: { value: string; isCalled: boolean } | undefined;
  }[];
}

interface Beginning extends Ending {
  title: string;
  remarks: readonly string[];
  comparison: { leftOut: readonly LeftOut[] };
  facts: readonly TableFacts[];
}

const isEmpty = ({ plan, sequences }: Ending) => plan.order.length === 0 && sequences.length === 0;

const settings = [
  ...textSettings,
  "set local standard_conforming_strings = on",
  "set local xmloption = 'content'",
  "set local array_nulls = on",
  // Rows that policies hide could not be written: the server refuses instead.
  "set local row_security = off",
  "set local statement_timeout = 0",
];

const keySql = ({ schema, table }: ForeignKey) => tableSql({ schema, name: table });

export function beginning(parts: Beginning): string {
  const { title, remarks, comparison, facts, plan } = parts;
  const comments = [
    title,
    ...facts.flatMap(countsOf),
    ...leftOutLines(comparison.leftOut),
    ...remarks,
    ...plan.actedOn.map((table) => `${table}: foreign keys may delete or change rows of it`),
    ...(plan.dropped.length > 0
      ? ["Foreign keys that are dropped are made anew at the end, which checks all of their rows."]
      : []),
    ...(plan.silenced.length > 0 ? ["Triggers and rules do not run."] : []),
    ...(isEmpty(parts) ? ["Nothing to do."] : []),
  ];
  const lines = comments.map((text) => `-- ${commentText(text)}`);
  if (isEmpty(parts)) return `${lines.join("\n")}\n`;
  const statements = [
    "begin",
    ...settings,
    ...plan.silenced.map((actor) => actorSql(actor, "disable")),
    ...plan.dropped.map((key) => `alter table ${keySql(key)} drop constraint ${nameSql(key.name)}`),
    ...plan.deferred.map((key) =>
      key.deferrable
        ? `set constraints ${nameSql(key.schema)}.${nameSql(key.name)} deferred`
        : `alter table ${keySql(key)} alter constraint ${nameSql(key.name)} deferrable initially deferred`,
    ),
  ];
  return `${[...lines, ...statements.map(ended)].join("\n")}\n`;
}

export function ending(parts: Ending): string {
  const { plan, sequences } = parts;
  if (isEmpty(parts)) return "";
  const changed = plan.deferred.filter(({ deferrable }) => !deferrable);
  const needsCheck = plan.deferred.length + plan.dropped.length + plan.restored.length > 0;
  const statements = [
    ...(needsCheck ? ["set constraints all immediate"] : []),
    ...changed.map(
      (key) =>
        `alter table ${keySql(key)} alter constraint ${nameSql(key.name)} not deferrable initially immediate`,
    ),
    ...plan.dropped.flatMap((key) => [
      `alter table ${keySql(key)} add constraint ${nameSql(key.name)} ${key.definition}`,
      ...(key.comment === null
        ? []
        : [
            `comment on constraint ${nameSql(key.name)} on ${keySql(key)} is ${valueLiteral(key.comment)}`,
          ]),
    ]),
    ...plan.restored.map((actor) => actorSql(actor, stateWord[actor.state])),
    ...sequences.map(({ schema, name, state }) => {
      const sequence = valueLiteral(quoteQualified(schema, name));
      return `select pg_catalog.setval(${sequence}, ${state?.value}, ${state?.isCalled})`;
    }),
    "commit",
  ];
  return `${statements.map(ended).join("\n")}\n`;
}

const ended = (statement: string) => `${statement};`;

const stateWord = { O: "enable", A: "enable always", R: "enable replica", D: "disable" } as const;

const actorSql = ({ schema, table, kind, name }: Actor, word: string) =>
  `alter table ${tableSql({ schema, name: table })} ${word} ${kind} ${nameSql(name)}`;

function countsOf({ table, added, removed, updated, moved }: TableFacts): string[] {
  const parts = [
    ...(added > 0 ? [`${added} added`] : []),
    ...(removed > 0 ? [`${removed} removed`] : []),
    ...(updated + moved > 0 ? [`${updated + moved} changed`] : []),
  ];
  return parts.length === 0 ? [] : [`${shownTable(table)}: ${parts.join(", ")}`];
}
