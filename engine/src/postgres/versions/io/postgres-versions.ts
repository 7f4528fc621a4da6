import { stat } from "node:fs/promises";
import { join } from "node:path";
import { EngineError, unprocessable } from "../../../lib/engine-error.ts";
import { Mutex } from "../../../lib/rw-lock.ts";
import { type Binaries, inspectBinaries } from "../../io/binaries.ts";
import type { ComputeEnvironment } from "../../io/launch.ts";
import type { PostgresUser } from "../../io/os-user.ts";
import { TemplateCluster } from "../../io/template-cluster.ts";
import { directoryRefusal, versionRefusal } from "../bin-directory.ts";

interface VersionsParts {
  /** The engine's own Postgres, which projects have that ask for none. */
  own: ComputeEnvironment;
  user: PostgresUser | undefined;
  /** Where the clusters lie that projects begin with. */
  templates: string;
  environmentOf: (binaries: Binaries) => Promise<ComputeEnvironment>;
  /** Writes down which directories there are, by major version. */
  remember: (directories: Record<string, string>) => Promise<void>;
}

interface Server {
  environment: ComputeEnvironment;
  template: TemplateCluster;
}

/** The versions of Postgres that projects can have: the engine's own, and those that the home names a directory of. */
export class PostgresVersions {
  readonly #parts: VersionsParts;
  readonly #servers = new Map<number, Server>();
  /** Bin directories by major version, those that cannot be used too. */
  readonly #directories = new Map<number, string>();
  readonly #problems = new Map<number, string>();
  readonly #changing = new Mutex();

  private constructor(parts: VersionsParts) {
    this.#parts = parts;
    this.#have(parts.own);
  }

  /** What cannot be used, as its server was removed, is a problem of the projects that have it alone. */
  static async open(
    parts: VersionsParts,
    directories: Record<string, string> = {},
  ): Promise<PostgresVersions> {
    const versions = new PostgresVersions(parts);
    for (const [major, bin] of Object.entries(directories))
      await versions.#reopen(Number(major), bin);
    return versions;
  }

  get own(): ComputeEnvironment {
    return this.#parts.own;
  }

  get majors(): number[] {
    return [...this.#servers.keys()].sort((a, b) => a - b);
  }

  /** Throws 503 where there is none. */
  of(major: number): ComputeEnvironment {
    return this.#of(major).environment;
  }

  template(major: number): TemplateCluster {
    return this.#of(major).template;
  }

  /** Those beside the engine's own. */
  list(): { major: number; version: string | null; bin: string }[] {
    return [...this.#directories].map(([major, bin]) => ({
      major,
      version: this.#servers.get(major)?.environment.binaries.version ?? null,
      bin,
    }));
  }

  get problems(): string[] {
    return [...this.#problems.values()];
  }

  /** Takes the server in a bin directory for projects of its version; in the place of another one of it. */
  add(major: number, bin: string): Promise<{ version: string }> {
    return this.#changing.run(async () => {
      const environment = await this.#open(major, bin).catch((error: Error) => {
        throw unprocessable("POSTGRES_UNUSABLE", `${bin} cannot be used: ${error.message}`);
      });
      await this.#parts.remember({ ...Object.fromEntries(this.#directories), [major]: bin });
      this.#directories.set(major, bin);
      this.#have(environment);
      return { version: environment.binaries.version };
    });
  }

  /** False where there was none; `check` refuses. */
  remove(major: number, check: () => void): Promise<boolean> {
    return this.#changing.run(async () => {
      if (!this.#directories.has(major)) return false;
      check();
      const { [major]: _, ...others } = Object.fromEntries(this.#directories);
      await this.#parts.remember(others);
      this.#directories.delete(major);
      this.#servers.delete(major);
      this.#problems.delete(major);
      return true;
    });
  }

  async #reopen(major: number, bin: string): Promise<void> {
    this.#directories.set(major, bin);
    try {
      this.#have(await this.#open(major, bin));
    } catch (error) {
      const { message } = error as Error;
      this.#problems.set(
        major,
        `PostgreSQL ${major} in ${bin} cannot be used (${message}); name where it is now: ds engine postgres add ${major} <bin directory>`,
      );
    }
  }

  async #open(wanted: number, bin: string): Promise<ComputeEnvironment> {
    const { user, own, environmentOf } = this.#parts;
    const names = [bin, join(bin, "postgres"), join(bin, "initdb")];
    const parts = await Promise.all(
      names.map((name) =>
        stat(name).then(
          ({ uid, mode }) => ({ name, uid, mode }),
          () => undefined,
        ),
      ),
    );
    refuse(directoryRefusal({ path: bin, parts }, process.geteuid?.() ?? 0));
    const binaries = await inspectBinaries(bin, user);
    refuse(versionRefusal(binaries, { wanted, own: own.binaries.major }));
    return environmentOf(binaries);
  }

  #have(environment: ComputeEnvironment): void {
    const { major } = environment.binaries;
    const template = new TemplateCluster(this.#parts.templates, environment);
    this.#servers.set(major, { environment, template });
    this.#problems.delete(major);
  }

  #of(major: number): Server {
    const server = this.#servers.get(major);
    if (server) return server;
    throw new EngineError(
      503,
      "PG_VERSION_UNSUPPORTED",
      this.#problems.get(major) ??
        `there is no PostgreSQL ${major} here any more; name where it is: ds engine postgres add ${major} <bin directory>`,
    );
  }
}

function refuse(why: string | undefined): void {
  if (why !== undefined) throw new Error(why);
}
