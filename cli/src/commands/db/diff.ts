import type { AppContext } from "../../app-context.ts";
import type { SideTarget } from "../../branches/io/diff-rows.ts";
import { DsError } from "../../errors/ds-error.ts";
import { asOwner } from "../../postgres/schema/agent-owners.ts";
import { schemaChanges } from "../../postgres/schema/diff.ts";
import { withoutOwnObjects } from "../../postgres/schema/own-objects.ts";
import { countsText, patchText, schemaDiffText } from "../../postgres/schema/text.ts";
import type { Output } from "../../runtime/output.ts";
import type { Target } from "../../stages/io/target.ts";

interface Flags {
  target?: string;
  sql: boolean;
  data: boolean;
  migration: boolean;
  prove?: boolean;
  against?: string;
  since?: string;
  limit?: string;
  full: boolean;
}

/** How a stage differs from its project's main, in its schema or its rows; a difference is no failure. */
export default async function diff(
  context: AppContext,
  flags: Flags,
  ...names: string[]
): Promise<void> {
  checkFlags(context.output, flags, names);
  if (flags.migration) return migration(context, flags, flags.target ?? names[0]);
  if (flags.data && flags.sql) return rowSql(context, flags, names);
  if (flags.data) return diffData(context, flags, names);
  return diffSchema(context, flags, flags.target ?? names[0]);
}

async function diffData(context: AppContext, flags: Flags, tables: string[]): Promise<void> {
  const { output } = context;
  const [{ diffRows }, { shownTable }, text] = await Promise.all([
    import("../../branches/io/diff-rows.ts"),
    import("../../postgres/rows/shape.ts"),
    import("../../postgres/rows/text.ts"),
  ]);
  const branch = await context.target(flags.target);
  const limit = flags.limit === undefined ? usualLimit : Number(flags.limit);
  const wanted = { tables, limit, full: flags.full };
  const { base, found } = await withBase(context, branch, flags, async (other) => ({
    base: other.branch,
    found:
      branch.branch.id === other.branch.id
        ? { tables: [], leftOut: [], rows: [], isCut: false, isEqual: true, way: undefined }
        : await diffRows(context, { base: other, branch }, wanted),
  }));
  if (found.way) {
    const way = text.wayText(found.way, Date.now());
    output.note(`${branch.branch.name} against ${base.name}, ${way}`);
  }
  output.result(
    {
      stage: branch.stage.name,
      branch: { id: branch.branch.id, name: branch.branch.name },
      base: { id: base.id, name: base.name },
      equal: found.isEqual,
      way: found.way ?? null,
      tables: found.tables.map(({ table, added, removed, changed }) => ({
        table: shownTable(table),
        key: table.key ?? null,
        added,
        removed,
        changed,
        addedColumns: table.addedColumns,
        droppedColumns: table.droppedColumns,
      })),
      notCompared: found.leftOut,
      rows: found.rows.map(({ row }) => row),
      cut: found.isCut,
    },
    (style) => {
      const lines = [
        ...text.countLines(found.tables, style),
        ...text.columnLines(found.tables),
        ...text.leftOutLines(found.leftOut),
        ...(tables.length > 0 ? text.rowLines(found.rows, style) : []),
        ...(tables.length > 0 && found.isCut
          ? ["More rows differ: --limit shows more of them."]
          : []),
      ];
      const names = `${branch.branch.name} and ${base.name}`;
      if (found.isEqual) return [`No difference between the rows of ${names}`, ...lines].join("\n");
      return lines.join("\n");
    },
  );
}

/** The branch that is compared with, or the stage's own past, for as long as the work takes. */
async function withBase<T>(
  context: AppContext,
  target: Target,
  { against, since }: Pick<Flags, "against" | "since">,
  work: (base: SideTarget) => Promise<T>,
): Promise<T> {
  if (since !== undefined) {
    const [{ withPast }, { parseMoment }] = await Promise.all([
      import("../../branches/io/past-of.ts"),
      import("../../neon/point-in-time.ts"),
    ]);
    return withPast(context, target, parseMoment(since, new Date(), "--since"), work);
  }
  const { stageOrBranch } = await import("../../stages/io/stage-or-branch.ts");
  return work(await stageOrBranch(context, { branch: against ?? target.main.name }));
}

/** How much text is written at once. */
const chunk = 64 * 1024;

/** Statements that bring the other side's rows to the stage's state; stdout carries nothing else. */
async function rowSql(context: AppContext, flags: Flags, tables: string[]): Promise<void> {
  const branch = await context.target(flags.target);
  await withBase(context, branch, flags, (base) => writeRowSql(context, { base, branch }, tables));
}

async function writeRowSql(
  context: AppContext,
  { base, branch }: { base: SideTarget; branch: Target },
  tables: string[],
): Promise<void> {
  const { output } = context;
  const [{ rowStatements }, { recordTables }] = await Promise.all([
    import("../../branches/io/row-statements.ts"),
    import("../../config/migrator.ts"),
  ]);
  if (branch.branch.id === base.branch.id) {
    await output.sql(`-- ${branch.branch.name} is what it is compared with. Nothing to do.\n`);
    return;
  }
  const { migrations, migrator } = await context.config();
  let text = "";
  const wanted = {
    tables,
    records: recordTables(migrations, migrator),
    write: async (sql: string) => {
      text += sql;
      if (text.length < chunk) return;
      await output.sql(text);
      text = "";
    },
  };
  const { unreadable } = await rowStatements(context, { base, branch }, wanted);
  await output.sql(text);
  for (const sequence of unreadable) {
    output.warn(`sequence ${sequence} is not set: the role may not read it`);
  }
}

/** Rows that are shown. */
const usualLimit = 100;
const mostLimit = 100_000;

function checkFlags({ json }: Pick<Output, "json">, flags: Flags, names: readonly string[]): void {
  const refuse = (what: string) => {
    throw new DsError("USAGE", what, { hint: "See: ds db diff --help" });
  };
  const { data, sql, against, since, limit, full, target, prove } = flags;
  if (flags.migration && (data || sql))
    refuse("--migration stands alone: it goes with neither --data nor --sql");
  if (!flags.migration && prove !== undefined) refuse("--prove and --no-prove are for --migration");
  if (data && sql && limit !== undefined)
    refuse("--sql writes all rows; it does not go with --limit");
  if (data && sql && full) refuse("--sql writes all of each value; it does not go with --full");
  if (data && sql && json) refuse("--data --sql prints SQL; it does not go with --json");
  if (against !== undefined && since !== undefined)
    refuse("--against and --since both name what is compared with");
  if (!data && (since !== undefined || limit !== undefined || full))
    refuse("--since, --limit and --full are for --data");
  if (!data && !flags.migration && against !== undefined) {
    refuse("--against is for --data and --migration");
  }
  if (!data && names.length > 1) refuse("one stage is compared; tables are for --data");
  if (!data && names.length > 0 && target !== undefined) refuse("the stage is named twice");
  if (limit !== undefined && !(/^\d+$/.test(limit) && Number(limit) <= mostLimit)) {
    refuse(`--limit ${limit} is not a number of rows up to ${mostLimit}`);
  }
}

/** SQL that makes the other side's schema the stage's. */
async function migration(
  context: AppContext,
  { against, prove = true }: Flags,
  stage: string | undefined,
): Promise<void> {
  const { output } = context;
  const [
    { schemaMigration },
    { stageOrBranch },
    { migrationText, isEmptyMigration },
    { harmless },
  ] = await Promise.all([
    import("../../branches/io/schema-migration.ts"),
    import("../../stages/io/stage-or-branch.ts"),
    import("../../postgres/schema/migration/text.ts"),
    import("../../lib/text/harmless.ts"),
  ]);
  const branch = await context.target(stage);
  const base = await stageOrBranch(context, { branch: against ?? branch.main.name });
  const isSame = branch.branch.id === base.branch.id;
  const found = isSame
    ? { apart: [], statements: [], refusals: [] }
    : await schemaMigration(context, { base, branch }, { prove });
  const equal = isEmptyMigration(found);
  const [from, to] = [base.branch.name, branch.branch.name];
  const sql = equal
    ? `-- ${from} has the schema of ${to}. Nothing to do.\n`
    : migrationText(found, `Makes the schema of ${from} that of ${to}`);
  if (!output.json) return output.sql(output.isTerminal ? harmless(sql) : sql);
  const document = {
    stage: branch.stage.name,
    branch: { id: branch.branch.id, name: to },
    base: { id: base.branch.id, name: from },
    equal,
    /** Whether it was tried on a copy of the base, which then had the branch's schema. */
    proven: prove && !equal,
    remarks: found.statements.flatMap(({ remarks }) => remarks),
    sql,
  };
  // Nothing of it is masked: it would be other SQL then. The schema has no secrets, as those are hidden in it.
  output.secretResult(document, sql);
}

async function diffSchema(
  context: AppContext,
  flags: Flags,
  stage: string | undefined,
): Promise<void> {
  const { neon, output } = context;
  const target = await context.target(stage);
  const { project, branch, main } = target;
  const { database, role } = await target.login();
  const api = await neon();
  const document = {
    stage: target.stage.name,
    branch: { id: branch.id, name: branch.name },
    base: { id: main.id, name: main.name },
    database,
  };
  if (branch.id === main.id) {
    const text = `${main.name} is what stages are compared with: no difference`;
    output.result({ ...document, equal: true, changes: [] }, text);
    return;
  }
  const [before, after] = await output.step(
    `Reading the schemas of ${main.name} and ${branch.name}`,
    () => Promise.all([main, branch].map((each) => api.schema(project.id, each, database))),
  );
  const [base, changed] = [before, after].map((dump) =>
    asOwner(withoutOwnObjects(dump as string), role),
  ) as [string, string];
  const changes = schemaChanges(base, changed);
  if (changes.length === 0) {
    const text = `No difference: ${branch.name} has the schema of ${main.name}`;
    output.result({ ...document, equal: true, changes }, text);
    return;
  }
  const sql = flags.sql ? await patchOf(database, base, changed) : undefined;
  output.note(`${branch.name} compared with ${main.name}: ${countsText(changes)}`);
  output.result(
    { ...document, equal: false, changes, ...(sql === undefined ? {} : { sql }) },
    (style) => (sql === undefined ? schemaDiffText(changes, style) : patchText(sql, style)),
  );
}

async function patchOf(database: string, base: string, changed: string): Promise<string> {
  const { schemaPatch } = await import("../../postgres/schema/patch.ts");
  const patch = schemaPatch(database, base, changed);
  if (patch !== undefined) return patch;
  throw new DsError("UPSTREAM", "the two schemas differ too much to be compared line by line", {
    hint: "See the difference object by object: leave out --sql",
  });
}
