import { runIsOver } from "../../branches/io/ephemeral.ts";
import { refuseOtherBranch } from "../../branches/refusals.ts";
import type { ProjectConfig } from "../../config/project-config.ts";
import type { HasEngine } from "../../engine/io/daemon.ts";
import { formatBytes } from "../../lib/format/bytes.ts";
import { plural } from "../../lib/format/plural.ts";
import { shownPath } from "../../lib/format/shown-path.ts";
import { rowName } from "../../migrations/ledger/compare.ts";
import { lookAtMigrations } from "../../migrations/ledger/io/branch-migrations.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import { addressOf, parseConnectionUrl } from "../../postgres/connection-url.ts";
import { withPostgres } from "../../postgres/io/connect.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasEnvFile } from "../../stages/io/env-file.ts";
import type { HasTarget, Target } from "../../stages/io/target.ts";
import { clockFinding } from "../findings.ts";
import type { Examination } from "./examination.ts";

/** A copy of a small branch, its log and what they grow by. */
const littleSpace = 1024 ** 3;

/** The API and its engine, the stage's branch, and what the env file says of it. */
export async function examineServers(
  context: Runtime & HasEnvFile & HasTarget & HasNeon & HasEngine,
  examination: Examination,
  config: ProjectConfig | undefined,
): Promise<void> {
  const api = await examination.check("api", context, async () => {
    const neon = await context.neon();
    await neon.listProjects();
    examination.ok("api", `${neon.url}${neon.local ? ", the local engine" : ""}`);
    return neon;
  });
  if (api?.local) {
    await examination.check("engine", context, () => examineEngine(context, examination));
  }
  const stage = await examination.check("branch", api && config, async (known) => {
    const target = await context.target();
    const { branch, project } = target;
    const { name, sourceText } = target.stage;
    examination.ok("branch", `${branch.name} of ${project.name}, stage ${name} (${sourceText})`);
    return { target, config: known };
  });
  await examination.check("database", stage, (found) =>
    examineDatabase(context, examination, found),
  );
  await examination.check("env values", stage, (found) =>
    examineEnvValues(context, examination, found),
  );
  if (stage !== undefined) examineLeftovers(context, examination, stage.target);
}

interface Found {
  target: Target;
  config: ProjectConfig;
}

async function examineEngine(
  context: Pick<Runtime, "version"> & HasEngine,
  examination: Examination,
): Promise<void> {
  const { version, clone, disk, problems } = await (await context.engine()).status();
  if (version !== context.version) {
    examination.warn(
      "engine",
      `it is of version ${version}, and ds of ${context.version}`,
      "Stop it (ds engine stop): the next command starts the one that belongs to ds.",
    );
  }
  for (const problem of problems) {
    examination.warn("engine", problem, "Free the port: ds engine status shows when it is had.");
  }
  if (clone.advice === undefined) {
    examination.ok("copies", `branches share their blocks (${clone.method})`);
  } else {
    examination.warn("copies", `every branch is a full copy: ${clone.reason ?? ""}`, clone.advice);
  }
  const space = `${formatBytes(disk.freeBytes)} free, ${formatBytes(disk.usedBytes)} used (${disk.volume})`;
  if (disk.freeBytes >= littleSpace) return examination.ok("disk", space);
  examination.warn("disk", space, "Delete what is stale: ds db audit");
}

/** Logs in, and asks the server which branch it is, how late it is, and which migrations it has. */
async function examineDatabase(
  context: Pick<Runtime, "cwd" | "home">,
  examination: Examination,
  { target, config }: Found,
): Promise<void> {
  const { branch, loopback, stage } = target;
  const url = await target.connectionUrl();
  const what = `the branch ${branch.name}`;
  await withPostgres(url, { what, loopback }, async (client) => {
    const asked = Date.now();
    const { rows } = await client.query<{ now: Date; id: string | null; version: string }>(
      `select clock_timestamp() as now, current_setting('neon.branch_id', true) as id,
         current_setting('server_version') as version`,
    );
    const answered = Date.now();
    const [row] = rows;
    if (row === undefined) return;
    refuseOtherBranch(stage, branch, row.id ?? undefined);
    const address = addressOf(parseConnectionUrl(url));
    examination.ok("database", `PostgreSQL ${row.version.split(" ")[0]} at ${address}`);
    examination.add(clockFinding(row.now.getTime(), asked, answered));
    const readable = examination.passed("migrations") ? client : undefined;
    await examination.check("ledger", readable, async () => {
      const { states } = await lookAtMigrations(context, config, branch.id, client);
      examineLedger(examination, states);
    });
  });
}

type States = Awaited<ReturnType<typeof lookAtMigrations>>["states"];

function examineLedger(
  examination: Examination,
  { applied, edited, late, pending, unknown }: States,
): void {
  const names = (migrations: { name: string }[]) => migrations.map(({ name }) => name).join(", ");
  if (edited.length > 0) {
    examination.add({
      check: "ledger",
      health: "problem",
      code: "MIGRATION_REFUSED",
      says: `applied, and edited since: ${names(edited)}`,
      fix: "Take the edit back, or say that the database has it: ds db resolve --accept-edit",
    });
  }
  if (unknown.length > 0) {
    examination.warn(
      "ledger",
      `the database is ahead of this checkout: ${unknown.map(rowName).join(", ")}`,
      "Get the commits that have them (git pull), or start from main again: ds db reset",
    );
  }
  if (pending.length + late.length > 0) {
    examination.warn(
      "ledger",
      `not applied yet: ${names([...late, ...pending])}`,
      "Apply them: ds db migrate",
    );
  }
  if (edited.length + unknown.length + pending.length + late.length > 0) return;
  examination.ok("ledger", `${plural(applied.length, "migration")} applied, none pending`);
}

/** Whether what programs read from the env file is what the API says now. */
async function examineEnvValues(
  context: Pick<Runtime, "cwd" | "env"> & HasEnvFile,
  examination: Examination,
  { target, config }: Found,
): Promise<void> {
  const check = "env values";
  const { envFile } = config;
  const file = await context.envFile();
  const shown = shownPath(envFile.path, context.cwd);
  const wrong: string[] = [];
  for (const [variable, pooled] of [
    [envFile.url, true],
    [envFile.unpooledUrl, false],
  ] as const) {
    const value = await file.get(variable);
    const difference = differs(value, await target.connectionUrl({ pooled }));
    if (difference !== undefined) wrong.push(`${variable} ${difference}`);
    const shadow = context.env[variable];
    if (shadow !== undefined && shadow !== value) {
      wrong.push(`${variable} in this shell wins over the file's`);
    }
  }
  if (wrong.length === 0) {
    return examination.ok(check, `${shown} leads to ${target.branch.name}`);
  }
  examination.warn(check, `${shown}: ${wrong.join("; ")}`, "Write it anew: ds setup");
}

function differs(value: string | undefined, wanted: string): string | undefined {
  if (value === undefined || value === "") return "is not set";
  try {
    const [is, should] = [parseConnectionUrl(value), parseConnectionUrl(wanted)];
    if (addressOf(is) !== addressOf(should)) return "leads to another branch";
    if (is.database !== should.database) return "names another database";
    if (is.user !== should.user) return "names another role";
    return is.password === should.password ? undefined : "has another password";
  } catch {
    return "is no connection string";
  }
}

function examineLeftovers(
  { home }: Pick<Runtime, "home">,
  examination: Examination,
  { branches, project }: Target,
): void {
  const left = branches.filter(({ name }) => runIsOver(home, name)).map(({ name }) => name);
  if (left.length === 0) examination.ok("leftovers", `none of killed runs in ${project.name}`);
  else {
    examination.warn(
      "leftovers",
      `killed runs have left ${left.join(", ")}`,
      "The next run of their kind removes them; at once: ds db audit",
    );
  }
}
