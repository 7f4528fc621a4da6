import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ProjectConfig, SeedCommand } from "../../config/project-config.ts";
import type { HasEngine } from "../../engine/io/daemon.ts";
import { DsError } from "../../errors/ds-error.ts";
import { plural } from "../../lib/format/plural.ts";
import { writeFileAtomic } from "../../lib/io/write-file-atomic.ts";
import { migrate } from "../../migrations/run/io/migrate.ts";
import { knownDatabase, migrationRun } from "../../migrations/run/io/migration-run.ts";
import { connectNeon, type Neon } from "../../neon/io/client.ts";
import { defaultBranch, readWriteEndpoint } from "../../neon/lookup.ts";
import type { Project } from "../../neon/model.ts";
import { projectKey } from "../../neon/project-key.ts";
import { withPostgres } from "../../postgres/io/connect.ts";
import { homeFolder } from "../../runtime/io/home-folder.ts";
import { withLock } from "../../runtime/io/lock-file.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { findProject } from "../../stages/io/project.ts";
import { runSeed } from "./seed.ts";

type Needs = Runtime & HasEngine;

const longestSetup = 30 * 60_000;
const cleanUpLimit = 30_000;

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
 * The project, made with main, migrations and data when it is not there.
 *
 * It is built under a temporary name and renamed when it is complete, so a set-up that was killed is
 * never taken for a finished one. The temporary name is written down first: the next set-up deletes
 * that project, and no other machine's.
 */
export async function ensureProject(
  context: Needs,
  neon: Neon,
  config: ProjectConfig,
  wanted: NewProject,
): Promise<Project & { created: boolean }> {
  const found = await findProject(neon, wanted.project);
  if (found) return { ...found, created: false };
  const key = projectKey(neon.url, wanted.project);
  const lock = {
    home: context.home,
    name: `setup-${key}`,
    signal: context.signal,
    waitMs: longestSetup,
    onWait: (pid: number) =>
      context.output.note(
        `another ${wanted.command} (pid ${pid}) is making the project ${wanted.project}; waiting for it`,
      ),
  };
  return await withLock(lock, async () => {
    const made = await findProject(neon, wanted.project);
    if (made) return { ...made, created: false };
    const { refuseOtherLedger } = await import("../../config/io/ledger-agreement.ts");
    await refuseOtherLedger(context, config, true);
    const journal = join(await homeFolder(context.home, "setting-up"), key);
    await removeLeftover(neon, journal);
    return { ...(await build(context, neon, config, wanted, journal)), created: true };
  });
}

async function removeLeftover(neon: Neon, journal: string): Promise<void> {
  const name = await readFile(journal, "utf8").catch(() => undefined);
  if (name === undefined) return;
  const leftover = await findProject(neon, name);
  if (leftover) await neon.deleteProject(leftover.id);
  await rm(journal, { force: true });
}

async function build(
  context: Needs,
  neon: Neon,
  config: ProjectConfig,
  wanted: NewProject,
  journal: string,
): Promise<Project> {
  const { output } = context;
  const { branch, seed } = wanted;
  const where = wanted.project === config.project ? branch : `${branch} of ${wanted.project}`;
  const temporaryName = `${wanted.project} (setting up ${randomUUID()})`;
  await writeFileAtomic(journal, temporaryName);
  try {
    const project = await output.step(`Creating the project ${wanted.project}`, () =>
      neon.createProject({ name: temporaryName, branchName: branch }),
    );
    const url = await mainUrl(neon, config, project);
    await output.step(`Running the migrations on ${where}`, async (step) => {
      const what = `the new ${where}`;
      const run = migrationRun(context, config, { url, what, shared: false });
      // The ledger was looked at before anything was made; it cannot have an entry yet.
      const { applied } = await migrate({ ...run, database: knownDatabase(url, { what }) });
      step.finish(`Ran ${plural(applied.length, "migration")} on ${where}`);
    });
    if (seed) {
      await output.step(`Loading ${wanted.data} into ${where}`, (step) =>
        runSeed(context, config, seed, url, step),
      );
    }
    // Freshly loaded pages are written once more when they are first read. On main that happens once;
    // left to the branches it would happen in each of them, and none could share the pages.
    await output.step(`Preparing ${where} for branching`, () =>
      withPostgres(url, { what: `the new ${where}` }, (client) => client.query("vacuum (analyze)")),
    );
    if (await findProject(neon, wanted.project)) {
      throw new DsError(
        "CONFLICT",
        `somebody else has just made a project called ${wanted.project}`,
        {
          reason: "PROJECT_NAME_TAKEN",
          hint: `Use theirs: ${wanted.command}`,
        },
      );
    }
    await neon.renameProject(project.id, wanted.project);
    await rm(journal, { force: true });
    return { ...project, name: wanted.project };
  } catch (error) {
    // After Ctrl-C the API would refuse to be called with the command's own signal.
    const removing = connectNeon({ ...context, signal: AbortSignal.timeout(cleanUpLimit) });
    await removing
      .then((api) => removeLeftover(api, journal))
      .then(() => output.note("What was made so far is removed again."))
      .catch(() => output.note(`What was made so far is removed by the next ${wanted.command}.`));
    throw error;
  }
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
