import { execFile } from "node:child_process";
import { chown, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { exists, syncDirectory } from "../../lib/io/files.ts";
import { syncVolume } from "../../lib/io/sync-volume.ts";
import { newSecret } from "../../model/ids.ts";
import { configuration, hostRules, roleStatements } from "../template-settings.ts";
import { hasFeature } from "../version-features.ts";
import { adminRole } from "./admin.ts";
import type { ComputeEnvironment } from "./launch.ts";
import { singleUser, singleUserEnv } from "./single-user.ts";

const run = promisify(execFile);

/** The cluster that new projects are cloned from, made on first use. No server runs on it. */
export class TemplateCluster {
  readonly #directory: string;
  readonly #environment: ComputeEnvironment;
  #made: Promise<string> | undefined;

  /** `directory` holds one for each version of Postgres. */
  constructor(directory: string, environment: ComputeEnvironment) {
    this.#directory = directory;
    this.#environment = environment;
  }

  /** Made once, however many ask for it at the same time; tried again when it fails. */
  path(): Promise<string> {
    this.#made ??= ensureTemplate(this.#directory, this.#environment).catch((error) => {
      this.#made = undefined;
      throw error;
    });
    return this.#made;
  }
}

async function ensureTemplate(directory: string, environment: ComputeEnvironment): Promise<string> {
  const { binaries, user } = environment;
  const template = join(directory, binaries.version);
  const temporary = join(directory, `.${newSecret().slice(0, 8)}.tmp`);
  if (await exists(template)) return template;

  await mkdir(temporary, { mode: 0o700 });
  try {
    if (user) await chown(temporary, user.uid, user.gid);
    await fill(temporary, environment);
    // Branches are copied from it for as long as the home is there, so a power cut must not leave half of it.
    await syncVolume(temporary);
    await rename(temporary, template);
    await syncDirectory(directory);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  return template;
}

/**
 * The superuser's password is set in single-user mode, so that there is no moment at which the server
 * listens without one.
 */
async function fill(
  dataDir: string,
  { binaries, user, adminPassword }: ComputeEnvironment,
): Promise<void> {
  const options = {
    cwd: dataDir,
    env: singleUserEnv,
    ...user,
  };
  await run(
    join(binaries.bin, "initdb"),
    [
      ...["-D", dataDir, "-U", adminRole],
      ...["--auth=scram-sha-256", "--no-instructions", "--no-sync"],
      ...["--encoding=UTF8", "--locale=C.UTF-8"],
      ...(hasFeature(binaries.major, "builtinLocales") ? ["--locale-provider=builtin"] : []),
      // initdb wants a password or trust; the real one follows before anything can connect.
      ...["--auth-local=trust", "--auth-host=trust"],
    ],
    options,
  );
  await writeFile(join(dataDir, "postgresql.conf"), configuration(binaries.major));
  await writeFile(join(dataDir, "pg_hba.conf"), hostRules);
  const statements = roleStatements(binaries.major, adminRole, adminPassword);
  await singleUser({ binaries, user }, dataDir, statements);
}
