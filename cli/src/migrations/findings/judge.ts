import { placeOf } from "../../postgres/sql-place.ts";
import type { ParsedMigration } from "../folder/parsed-migration.ts";
import type { LockCatalogue } from "../plan/locks/catalogue.ts";
import { planStatement } from "../plan/locks/plan-statement.ts";

import { actionsOf } from "./actions/of-statement.ts";
import type { Finding } from "./finding.ts";
import { type Ignore, ignoresBefore } from "./ignores.ts";
import type { SchemaModel } from "./model/schema-model.ts";
import type { Severity } from "./model/severity.ts";
import { TransactionState } from "./model/transaction-state.ts";
import type { Probe } from "./probes/probe.ts";
import { isAlteration } from "./rules/blocking/transactions.ts";
import type { Found, Rule, Subject } from "./rules/rule.ts";
import { rules } from "./rules.ts";
import { isGiven, type RuleSettings, severityOf } from "./settings.ts";

/** A finding before data has settled it. */
export interface Suspicion {
  finding: Finding;
  rule: Rule;
  probe: Probe | undefined;
  /** Tables whose size tells how long others wait. */
  weighs: readonly string[];
  /** Rows that the probe looks at are changed by a statement before: it would prove nothing. */
  rowsChange: boolean;
}

interface Judged {
  suspicions: Suspicion[];
  /** Comments that silence nothing, and why. */
  idle: Finding[];
}

/**
 * What the rules say of pending migrations, in the order of their statements.
 *
 * @param schema as it is before them; it follows their statements
 */
export function judge(
  migrations: readonly ParsedMigration[],
  schema: SchemaModel,
  catalogue: LockCatalogue,
  settings: RuleSettings,
): Judged {
  const judged: Judged = { suspicions: [], idle: [] };
  for (const migration of migrations)
    judgeMigration(migration, { schema, catalogue, settings, judged });
  return judged;
}

interface Surroundings {
  schema: SchemaModel;
  catalogue: LockCatalogue;
  settings: RuleSettings;
  judged: Judged;
}

function judgeMigration(parsed: ParsedMigration, surroundings: Surroundings): void {
  const { committed, sql, statements, steps } = parsed;
  // What an earlier run has committed is in the database.
  for (const step of steps.slice(committed)) {
    const transaction = new TransactionState();
    const said = new Set<Rule>();
    const own = statements.slice(step.before, step.before + step.statements);
    for (const [index, statement] of own.entries()) {
      const from = statements[step.before + index - 1]?.end ?? 0;
      const comments = ignoresBefore(sql, from, statement.start);
      const alone = step.alone !== undefined;
      judgeStatement(parsed, statement, { ...surroundings, transaction, said, alone, comments });
    }
  }
}

interface StatementSurroundings extends Surroundings {
  transaction: TransactionState;
  /** Rules that have spoken in it. */
  said: Set<Rule>;
  alone: boolean;
  comments: readonly Ignore[];
}

function judgeStatement(
  { migration: { file, name: migration }, sql }: ParsedMigration,
  { end, node, start }: ParsedMigration["statements"][number],
  {
    alone,
    catalogue,
    comments,
    judged,
    said,
    schema,
    settings,
    transaction,
  }: StatementSurroundings,
): void {
  const { line } = placeOf(sql, start);
  const text = sql.slice(start, end);
  const actions = actionsOf(node, text);
  const { effects, locks, opaque } = planStatement(node, catalogue);
  const found: Verdict[] = [];
  for (const action of actions) {
    const subject = { action, actions, sql: text, schema, transaction, effects, alone };
    for (const verdict of verdicts(subject, settings)) {
      if (verdict.rule.once && said.has(verdict.rule)) continue;
      // What is silenced here is still to be said of the next.
      if (reasonFor(verdict.rule, comments) === undefined) said.add(verdict.rule);
      found.push(verdict);
    }
    schema.apply(action);
  }
  if (opaque) schema.touchAll();
  const place = { migration, file, line };
  judged.suspicions.push(...found.map((one) => suspicion(one, place, comments)));
  judged.idle.push(...idle(comments, new Set(found.map(({ rule }) => rule.name)), place, sql));

  for (const lock of locks) {
    const isThere = schema.table(lock.table)?.isNew === false;
    if (isThere) transaction.take(lock, schema.qualified(lock.table), line);
  }
  for (const action of actions) {
    if (isAlteration(action)) transaction.alter(schema.qualified(action.table), line);
  }
}

interface Verdict {
  rule: Rule;
  severity: Severity;
  found: Found;
  rowsChange: boolean;
}

function* verdicts(subject: Subject, settings: RuleSettings): Generator<Verdict> {
  const { schema } = subject;
  for (const rule of rules) {
    const severity = severityOf(rule, settings);
    if (severity === undefined) continue;
    for (const found of [rule.find(subject) ?? []].flat()) {
      const rowsChange = (found.probe?.tables ?? []).some(
        (table) => schema.table(table)?.rowsChange === true,
      );
      const given = isGiven(rule, settings);
      yield { rule, severity: given ? severity : (found.severity ?? severity), found, rowsChange };
    }
  }
}

function suspicion(
  { found, rowsChange, rule, severity }: Verdict,
  place: { migration: string; file: string; line: number },
  ignores: readonly Ignore[],
): Suspicion {
  const ignored = reasonFor(rule, ignores);
  return {
    finding: {
      rule: rule.name,
      severity,
      ...place,
      ...(found.table === undefined ? {} : { table: found.table }),
      ...(found.column === undefined ? {} : { column: found.column }),
      says: found.says,
      evidence: [],
      ...(found.instead === undefined ? {} : { instead: found.instead }),
      ...(ignored === undefined ? {} : { ignored }),
    },
    rule,
    probe: found.probe,
    weighs: found.weighs ?? (found.table === undefined ? [] : [found.table]),
    rowsChange,
  };
}

const reasonFor = ({ name }: Rule, ignores: readonly Ignore[]): string | undefined =>
  ignores.find(({ reason, rule }) => rule === name && reason !== "")?.reason;

/** Of a comment that says nothing somebody should know. */
function idle(
  ignores: readonly Ignore[],
  found: ReadonlySet<string>,
  { file, migration }: { migration: string; file: string },
  sql: string,
): Finding[] {
  return ignores.flatMap(({ at, reason, rule }) => {
    const says = !rules.some(({ name }) => name === rule)
      ? `ds:ignore names no rule: ${rule === "" ? "it has to, and say why" : rule}`
      : reason === ""
        ? `ds:ignore ${rule} gives no reason, and so silences nothing`
        : found.has(rule)
          ? undefined
          : `ds:ignore ${rule} silences nothing: the statement below it has no such finding`;
    const { line } = placeOf(sql, at);
    return says === undefined
      ? []
      : [
          {
            rule: "ds-ignore",
            severity: "warning" as const,
            migration,
            file,
            line,
            says,
            evidence: [],
          },
        ];
  });
}
