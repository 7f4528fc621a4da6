import { createHash } from "node:crypto";
import { delimiter, join } from "node:path";
import { notFound, unprocessable } from "../../lib/engine-error.ts";
import { Mutex } from "../../lib/rw-lock.ts";
import type { Binaries } from "../../postgres/io/binaries.ts";
import type { AddedExtension, ExtensionOrigin } from "../added.ts";
import { asTrusted, modulesOf, parseControlFile } from "../control-file.ts";
import { checkWanted, type SourceEntry } from "../entry.ts";
import {
  findModule,
  findScripts,
  linkedScript,
  moduleSuffix,
  nameOf,
  notThere,
} from "../select-files.ts";
import { isSafe, trustRefusal } from "../trusted.ts";
import { builtInExtensions } from "./built-in.ts";
import { openSource } from "./open-source.ts";
import type { ExtensionFile, ExtensionStore } from "./store.ts";
import { type ExtensionTrial, unusable } from "./trial.ts";

/** What came of adding one. */
export type Addition =
  | { status: "added" | "replaced" | "present"; extension: AddedExtension }
  /** Postgres has one of that name by itself: nothing was added. */
  | { status: "built-in"; version: string };

interface ExtensionsParts {
  store: ExtensionStore;
  trial: ExtensionTrial;
  binaries: Pick<Binaries, "bin" | "major">;
}

/** PostgreSQL looks for extensions in other folders from here on. */
const firstMajor = 18;

/** Adds extensions to the engine's Postgres, one at a time. */
export class Extensions {
  readonly store: ExtensionStore;
  readonly major: number;
  readonly #bin: string;
  readonly #trial: ExtensionTrial;
  readonly #changing = new Mutex();

  constructor({ store, trial, binaries }: ExtensionsParts) {
    this.store = store;
    this.major = binaries.major;
    this.#bin = binaries.bin;
    this.#trial = trial;
  }

  /** Names of those that need not be added. */
  builtIn(): Promise<string[]> {
    return builtInExtensions(this.#bin);
  }

  /**
   * Takes an extension from a folder or an archive and keeps it, once a Postgres has created it. Refuses with 422 what
   * is not fit for that, and keeps nothing of it then.
   *
   * @param from absolute
   */
  add(name: string, from: string, origin: ExtensionOrigin): Promise<Addition> {
    return this.#changing.run(async () => {
      this.#refuseUnsupported();
      const before = (await this.store.list()).find((extension) => extension.name === name);
      const files = await this.#read(name, from);
      const sha256 = digestOf(files);
      if (before?.sha256 === sha256) return { status: "present", extension: before };
      const folder = await this.store.write(name, files);
      const made = { name, folder };
      try {
        const tried = await this.#try(made, files, before);
        if ("builtIn" in tried) {
          await this.store.discard(made);
          return { status: "built-in", version: tried.builtIn };
        }
        const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
        const addedAt = new Date().toISOString();
        const what = { ...made, version: tried.version, major: this.major, bytes, sha256, addedAt };
        const extension = { ...what, ...origin };
        await this.store.keep(extension);
        return { status: before ? "replaced" : "added", extension };
      } catch (error) {
        await this.store.discard(made);
        throw error;
      }
    });
  }

  /** Refuses with 404 where there is none, and what `check` refuses. */
  remove(name: string, check: () => Promise<void>): Promise<AddedExtension> {
    return this.#changing.run(async () => {
      const found = (await this.store.list()).find((extension) => extension.name === name);
      if (found === undefined) throw notFound("extension");
      await check();
      await this.store.remove(name);
      return found;
    });
  }

  async #try(
    made: Pick<AddedExtension, "name" | "folder">,
    files: readonly ExtensionFile[],
    before: AddedExtension | undefined,
  ) {
    const folder = this.store.folderOf(made);
    const modules = files.filter(({ path }) => path.startsWith("lib/"));
    const verdict = await this.#trial.of({
      name: made.name,
      modules: modules.map(({ path }) => join(folder, path)),
      settings: await this.store.settings(made.name, folder),
      replaces: before?.version,
    });
    if ("builtIn" in verdict || verdict.updates) return verdict;
    throw unusable(
      `${made.name} ${verdict.version} does not update databases that have ${before?.version}, which was added before`,
    );
  }

  async #read(name: string, from: string): Promise<ExtensionFile[]> {
    const entries = await openSource(from);
    const { control, scripts } = findScripts(entries, name, this.major);
    const text = (await control.read()).toString("utf8");
    const settings = parseControlFile(text);
    const refusal = trustRefusal(name, settings);
    if (refusal) throw refusal;
    if (settings.directory !== undefined) {
      throw notThere(
        `${control.path} keeps its scripts in a folder of its own, which ds cannot add`,
      );
    }
    const read = await Promise.all(scripts.map((script) => scriptFile(script, scripts)));
    const { own, others } = modulesOf(
      settings,
      read.map(({ content }) => content.toString("utf8")),
    );
    const suffix = moduleSuffix(process.platform);
    const find = (module: string) => findModule(entries, `${module}${suffix}`, control);
    if (own !== undefined && find(own) === undefined) {
      throw notThere(`it has no ${own}${suffix}: it is not built, or for another system`);
    }
    const modules = [...(own === undefined ? [] : [own]), ...others].flatMap(
      (one) => find(one) ?? [],
    );
    checkWanted([control, ...scripts.filter(({ kind }) => kind === "file"), ...modules]);
    const content = Buffer.from(isSafe(name) ? asTrusted(text) : text);
    return [
      { path: `share/extension/${name}.control`, content },
      ...read,
      ...(await Promise.all(modules.map(moduleFile))),
    ];
  }

  #refuseUnsupported(): void {
    const why =
      this.major < firstMajor
        ? `PostgreSQL ${this.major} takes extensions from its own folders only; ${firstMajor} is the first that takes others`
        : this.store.directory.includes(delimiter)
          ? `the path of the home has a "${delimiter}" in it, which separates folders for Postgres`
          : undefined;
    if (why !== undefined) throw unprocessable("EXTENSIONS_UNSUPPORTED", why);
  }
}

async function scriptFile(
  script: SourceEntry,
  scripts: readonly SourceEntry[],
): Promise<ExtensionFile> {
  const path = `share/extension/${nameOf(script.path)}`;
  const content = await script.read();
  if (script.kind === "file") return { path, content };
  const link = linkedScript(script, content.toString("utf8"), scripts);
  return { path, content: Buffer.alloc(0), link };
}

const moduleFile = async (module: SourceEntry): Promise<ExtensionFile> => ({
  path: `lib/${nameOf(module.path)}`,
  content: await module.read(),
});

function digestOf(files: readonly ExtensionFile[]): string {
  const hash = createHash("sha256");
  for (const { path, content, link } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    hash.update(`${path} ${link ?? content.length}\n`).update(content);
  }
  return hash.digest("hex");
}
