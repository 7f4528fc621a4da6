import { rm } from "node:fs/promises";
import type { HasConfig, ProjectConfig, SeedCommand } from "../../config/project-config.ts";
import type { HasEngine } from "../../engine/io/daemon.ts";
import { DsError } from "../../errors/ds-error.ts";
import { plural } from "../../lib/format/plural.ts";
import { prepareMigrations } from "../../migrations/run/io/apply.ts";
import { connectNeon, type HasNeon, type Neon } from "../../neon/io/client.ts";
import { defaultBranch, readWriteEndpoint } from "../../neon/lookup.ts";
import type { Project } from "../../neon/model.ts";
import { withPostgres } from "../../postgres/io/connect.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { bindProject } from "../../stages/io/project.ts";
import type { BoundProject } from "../../stages/project-binding.ts";
import { unfinishedName } from "../../stages/unfinished-project.ts";
import { runSeed } from "./seed.ts";
import { noteUnfinished, projectNamed, removeUnfinished } from "./unfinished.ts";

export type ProjectBuilder = Runtime & HasConfig & HasNeon & HasEngine;

/** After Ctrl-C there is so much time to take away what was made. */
const cleanUpLimitMs = 30_000;

/** A project as it is to be when it is not there yet. */
export interface NewProject {
  /** Its name. */
  project: string;
  /** Name of its default branch. */
  branch: string;
  seed: SeedCommand | undefined;
  /** What the seed loads and which command makes the project, for people. */
  data: string;
  command: string;
}

/**
 * Makes a project with main, migrations and data, under a temporary name until it is complete.
 *
 * @param journal file that holds the temporary name meanwhile, and those of earlier set-ups that were killed
 */
export async function buildProject(
  context: ProjectBuilder,
  wanted: NewProject,
  journal: string,
): Promise<BoundProject> {
  const neon = await context.neon();
  const temporaryName = unfinishedName(wanted.project);
  await noteUnfinished(journal, temporaryName);
  const { changes } = context.output;
  const left = `the unfinished project is left, and removed by the next ${wanted.command}`;
  changes.set(journal, left);
  try {
    const project = await context.output.step(`Creating the project ${wanted.project}`, () =>
      changes.quietly(() => neon.createProject({ name: temporaryName, branchName: wanted.branch })),
    );
    await changes.quietly(() => fillMain(context, project, wanted));
    const other = await projectNamed(neon, wanted.project);
    if (other) {
      throw new DsError(
        "CONFLICT",
        `somebody else has just made a project called ${wanted.project}`,
        {
          reason: "PROJECT_NAME_TAKEN",
          hint: `If it is for this repository, use it: ds setup --project ${other.id}`,
        },
      );
    }
    // Before it has its name: what has the name and is bound to nobody would not be taken for this repository's.
    const { binding } = await bindProject(context, project, wanted.project);
    await neon.renameProject(project.id, wanted.project);
    changes.set(journal, `the project ${wanted.project} was created`);
    // By now the API has made what it was still making when an earlier set-up was killed.
    await removeUnfinished(neon, journal)
      .then(() => rm(journal, { force: true }))
      .catch((error: Error) =>
        context.output.warn(`an earlier, unfinished project may be left: ${error.message}`),
      );
    return { ...project, name: wanted.project, binding };
  } catch (error) {
    // After Ctrl-C the API would refuse to be called with the command's own signal.
    const removing = connectNeon({ ...context, signal: AbortSignal.timeout(cleanUpLimitMs) }, () =>
      neon.organization(),
    );
    await removing
      .then((api) => changes.quietly(() => removeUnfinished(api, journal)))
      .then(() => changes.drop(journal))
      .then(() => context.output.note("What was made so far is removed again."))
      .catch(() =>
        context.output.note(`What was made so far is removed by the next ${wanted.command}.`),
      );
    throw error instanceof DsError && error.code === "INTERRUPTED"
      ? error.with({ hint: `\`${wanted.command}\` begins anew` })
      : error;
  }
}

async function fillMain(
  context: ProjectBuilder,
  project: Project,
  { project: name, branch, seed, data, command }: NewProject,
): Promise<void> {
  const { output } = context;
  const config = await context.config();
  const where = name === config.project ? branch : `${branch} of ${name}`;
  const url = await mainUrl(await context.neon(), config, project);
  await migrateMain(context, config, { url, where, command });
  if (seed) {
    await output.step(`Loading ${data} into ${where}`, (step) => runSeed(context, seed, url, step));
  }
  // Freshly loaded pages are written once more when they are first read. On main that happens once;
  // left to the branches it would happen in each of them, and none could share the pages.
  await output.step(`Preparing ${where} for branching`, () =>
    withPostgres(url, { what: `the new ${where}` }, (client) => client.query("vacuum (analyze)")),
  );
}

async function migrateMain(
  context: Runtime,
  config: ProjectConfig,
  { url, where, command }: { url: string; where: string; command: string },
): Promise<void> {
  const database = { url, what: `the new ${where}`, shared: false };
  // The ledger was looked at before anything was made; it cannot have an entry yet.
  const wishes = { isKnown: true, discarded: true, command };
  const apply = prepareMigrations(context, config, database, wishes);
  if (config.migrator.kind !== "drizzle") {
    await apply();
    return;
  }
  await context.output.step(`Running the migrations on ${where}`, async (step) => {
    const { applied } = await apply();
    step.finish(`Ran ${plural(applied.length, "migration")} on ${where}`);
  });
}

async function mainUrl(neon: Neon, config: ProjectConfig, project: Project): Promise<string> {
  const [branches, endpoints] = await Promise.all([
    neon.listBranches(project.id),
    neon.listEndpoints(project.id),
  ]);
  const main = defaultBranch(branches, project);
  const endpoint =
    readWriteEndpoint(endpoints, main.id) ?? (await neon.createEndpoint(project.id, main.id));
  const databases = await neon.listDatabases(project.id, main.id);
  const database = databases.find(({ name }) => name === config.database) ?? databases[0];
  if (!database)
    throw new DsError("UPSTREAM", `the new project ${project.id} came without a database`);
  return await neon.connectionUrl(project.id, {
    branchId: main.id,
    endpointId: endpoint.id,
    database: database.name,
    role: config.role ?? database.ownerName,
    pooled: false,
  });
}
