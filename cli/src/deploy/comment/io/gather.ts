import type { HasConfig, ProjectConfig } from "../../../config/project-config.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { isBranchName } from "../../../lib/git/branch-name.ts";
import { fetchCommits } from "../../../lib/git/io/fetch-refs.ts";
import { oneLine } from "../../../lib/text/one-line.ts";
import { redact } from "../../../lib/text/redact.ts";
import { shared } from "../../../migrations/conflicts/conflicts.ts";
import { otherFolders } from "../../../migrations/conflicts/io/other-folders.ts";
import { SqlFailed } from "../../../migrations/failure/sql-failure.ts";
import { migrationFolder } from "../../../migrations/folder/io/read-folder.ts";
import type { Migration, MigrationFolder } from "../../../migrations/folder/migration.ts";
import { type PlanReport, planMigrations } from "../../../migrations/plan/io/plan.ts";
import { RehearsalFailed } from "../../../migrations/rehearsal/failed.ts";
import { rehearse } from "../../../migrations/rehearsal/io/rehearse.ts";
import { type MigrationRun, migrationRun } from "../../../migrations/run/io/migration-run.ts";
import { migrationTarget } from "../../../migrations/run/io/target.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import { asOwner } from "../../../postgres/schema/agent-owners.ts";
import { schemaChanges } from "../../../postgres/schema/diff.ts";
import { withoutOwnObjects } from "../../../postgres/schema/own-objects.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasTarget, Target } from "../../../stages/io/target.ts";
import type { GitHub } from "../../github/io/client.ts";
import { isFork, type PullRequest } from "../../github/pull-request.ts";
import type { KnownMigrations, MigrationFacts, RehearsalFacts } from "../facts.ts";
import { type Secret, secretsOfHost, secretsOfUrl } from "../secrets-in.ts";
import { compareSiblings } from "./siblings.ts";

export type GatherNeeds = Runtime & HasConfig & HasTarget & HasNeon & HasEngine;

export interface Gathered {
  migrations: MigrationFacts;
  /** The branch that the migrations are pending on; undefined where there is no database. */
  target: Target | undefined;
  /** What was used on the way, and must not be told. */
  secrets: Secret[];
}

/** What there is to say of a pull request's migrations, each tried on copies of main. */
export async function gatherMigrations(
  context: GatherNeeds,
  pull: PullRequest | undefined,
  github: GitHub | undefined,
): Promise<Gathered> {
  const nothing = { target: undefined, secrets: [] };
  const config = await context.config();
  const { migrator } = config;
  if (migrator.kind === "command") {
    return { ...nothing, migrations: { kind: "command", command: migrator.command } };
  }
  if (migrator.kind === "none") return { ...nothing, migrations: { kind: "none" } };
  let folder: MigrationFolder;
  try {
    folder = migrationFolder(config, context.cwd);
  } catch (error) {
    const refused = refusal(error);
    if (refused !== undefined) return { ...nothing, migrations: refused };
    throw error;
  }
  const base = await baseMigrations(context, config, pull);
  const database = await databaseOf(context, pull);
  if (database === undefined) {
    const added = base === undefined ? [] : withoutThose(folder.migrations, base);
    const unknown = base === undefined ? " Which migrations are new is not known here." : "";
    const why = `the pull request is a fork's, whose runs get no secrets, so there is no database here.${unknown}`;
    return { ...nothing, migrations: { kind: "no-database", why, added: added.map(fileFact) } };
  }
  const { target } = database;
  const run = migrationRun(context, config, database, { folder, command: "ds deploy up" });
  const secrets = [
    ...secretsOfUrl(database.url, "main's connection string"),
    ...(target.branches.length === 0 ? [] : await endpointHosts(context, target)),
  ];
  try {
    const plan = await planOf(run, config.migrations, database.what);
    const migrations = await knownFacts(context, { pull, github, target, run, plan, base });
    return { migrations, target, secrets };
  } catch (error) {
    const refused = refusal(error);
    if (refused !== undefined) return { migrations: refused, target, secrets };
    throw error;
  }
}

const fileFact = ({ name, file }: Migration) => ({ name, file });

const withoutThose = (all: readonly Migration[], others: readonly Migration[]) =>
  all.filter((migration) => shared([migration], others).length === 0);

function refusal(error: unknown): MigrationFacts | undefined {
  if (!(error instanceof DsError) || error.code !== "MIGRATION_REFUSED") return undefined;
  return { kind: "refused", says: oneLine(redact(error.message)) };
}

/** Undefined in a run of a fork's that has none; elsewhere that is a failure. */
async function databaseOf(context: GatherNeeds, pull: PullRequest | undefined) {
  try {
    const database = await migrationTarget(context, { target: "main" });
    const { target } = database;
    return target === undefined ? undefined : { ...database, target };
  } catch (error) {
    const isExpected = error instanceof DsError && pull !== undefined && isFork(pull);
    if (context.signal.aborted || !isExpected) throw error;
    context.output.note(`There is no database here: ${error.message}`);
    return undefined;
  }
}

/** Every host of the project, whichever branch it is of. */
async function endpointHosts(context: HasNeon, { project }: Target): Promise<Secret[]> {
  const endpoints = await (await context.neon()).listEndpoints(project.id);
  return endpoints.flatMap(({ host }) => {
    const [hostname = ""] = host.split(":");
    return secretsOfHost(hostname, host, "a branch's connection string");
  });
}

/** Those of the branch that the pull request is to be merged into; undefined where git cannot tell. */
async function baseMigrations(
  context: Runtime,
  config: ProjectConfig,
  pull: PullRequest | undefined,
): Promise<Migration[] | undefined> {
  if (pull === undefined || !isBranchName(pull.base.ref)) return undefined;
  const ref = `refs/heads/${pull.base.ref}`;
  const commit = (await fetchCommits(context, [ref])).get(ref);
  if (commit === undefined) return undefined;
  try {
    return (await otherFolders(context, config, [commit])).get(commit)?.migrations;
  } catch (error) {
    if (!(error instanceof DsError)) throw error;
    return error.reason === "FOLDER_EMPTY" ? [] : undefined;
  }
}

/** Without keys of rows: not everybody who sees a pull request may see what is in the database. */
async function planOf(
  run: MigrationRun,
  settings: ProjectConfig["migrations"],
  where: string,
): Promise<PlanReport> {
  const client = await run.database.connect("ds deploy comment");
  try {
    return (await planMigrations(client, run, { settings, where, examples: false })).report;
  } finally {
    await client.end().catch(() => undefined);
  }
}

interface Known {
  pull: PullRequest | undefined;
  github: GitHub | undefined;
  target: Target;
  run: MigrationRun;
  plan: PlanReport;
  base: Migration[] | undefined;
}

async function knownFacts(context: GatherNeeds, known: Known): Promise<KnownMigrations> {
  const { pull, github, target, run, plan, base } = known;
  const open = new Set([...plan.pending, ...plan.late]);
  const pending = run.migrations.folder.migrations.filter(({ name }) => open.has(name));
  const facts: KnownMigrations = {
    kind: "known",
    on: target.branch.name,
    pending: pending.map((migration) => ({
      ...fileFact(migration),
      late: plan.late.includes(migration.name),
      inBase: base !== undefined && shared([migration], base).length > 0,
    })),
    warnings: plan.warnings.map((text) => redact(text)),
    findings: plan.findings,
    rehearsal: undefined,
    schema: undefined,
    siblings: [],
    notCompared: [],
  };
  if (pending.length === 0) return facts;
  Object.assign(facts, await rehearsed(context, target, run));
  if (github === undefined || pull === undefined) {
    facts.notCompared.push({ numbers: [], why: "there is no GITHUB_TOKEN here" });
    return facts;
  }
  return { ...facts, ...(await compareSiblings(context, github, pull, target)) };
}

type Rehearsed = Partial<Pick<KnownMigrations, "rehearsal" | "schema">>;

/** The migrations' run on a copy, and what the copy then looks like. */
async function rehearsed(
  context: GatherNeeds,
  target: Target,
  run: MigrationRun,
): Promise<Rehearsed> {
  const schemas: { before?: string; after?: string } = {};
  const { database, role } = await target.login();
  const api = await context.neon();
  const schemaOf = async (branch: { id: string; name: string }) =>
    asOwner(withoutOwnObjects(await api.schema(target.project.id, branch, database)), role);
  const examine = async (copy: { id: string; name: string }) => {
    schemas.before = await schemaOf(target.branch);
    schemas.after = await schemaOf(copy);
  };
  try {
    const report = await rehearse(context, { target, run, withLoad: false, examine });
    const { before, after } = schemas;
    const schema =
      before === undefined || after === undefined ? undefined : schemaChanges(before, after);
    return { rehearsal: report && { ...report, failure: undefined }, schema };
  } catch (error) {
    if (!(error instanceof RehearsalFailed) || error.code === "INTERRUPTED") throw error;
    return { rehearsal: failedRehearsal(error) };
  }
}

function failedRehearsal({ failure, rehearsal }: RehearsalFailed): RehearsalFacts {
  const { statements, load } = rehearsal;
  const text = failure instanceof SqlFailed ? failure.headline : failure.message;
  return { failure: oneLine(redact(text)), statements, load };
}
