import { existsSync } from "node:fs";
import {
  chmod,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join, relative } from "node:path";
import type { HasConfig } from "../../../config/project-config.ts";
import { codeOf } from "../../../errors/code-of.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { runGit } from "../../../lib/git/io/run-git.ts";
import { writeFileAtomic } from "../../../lib/io/write-file-atomic.ts";
import { homeDirectory } from "../../../lib/process/environment.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import {
  type Before,
  beforeOf,
  forwardScript,
  type HookSettings,
  hookNames,
  hookScript,
  isOurs,
  suffix,
} from "../script.ts";
import { type HookPlaces, hookPlaces, withoutGit } from "./places.ts";
import { type HookRecord, hooksHome, readRecord, recordFile } from "./record.ts";

export interface Installed {
  places: HookPlaces;
  settings: HookSettings;
  changed: boolean;
}

type Needs = Pick<Runtime, "env" | "output"> & HasConfig;

/** What the scripts are told: read from ds.config.ts now, as they cannot. */
async function hookSettings(
  { config: load }: HasConfig,
  top: string,
  command: string,
): Promise<HookSettings> {
  const config = await load();
  const fromTop = (path: string) => relative(top, path) || ".";
  return {
    follow: config.git.follow,
    node: process.execPath,
    command,
    part: fromTop(config.root),
    envFile: fromTop(config.envFile.path),
    paths: [config.migrations.folder, ...(config.file === undefined ? [] : [config.file])].map(
      fromTop,
    ),
  };
}

/**
 * Writes the hooks; what was there runs first. Each step is one rename: killed at any moment, a hook is what it was or ours, with
 * what it was beside it.
 *
 * @param command the script of ds that the hooks start
 */
export async function installHooks(context: Needs, command: string): Promise<Installed> {
  const { root } = await context.config();
  const places = await hookPlaces(context, root);
  const settings = await hookSettings(context, places.top, command);
  const before = readRecord(places.commonFolder);
  const record: HookRecord = {
    ...before,
    settings,
    beside: before?.beside ?? [],
  };
  const ours = hooksHome(places.commonFolder);
  const isGiven = record.forward !== undefined && places.folder === ours;
  await mkdir(ours, { recursive: true });
  // Written first: an installation that was killed is one to uninstall.
  if (places.way === "beside" && !isGiven) {
    record.beside = [...new Set([...record.beside, places.folder])];
    await noteRecord(places, record);
    await mkdir(places.folder, { recursive: true });
    let changed = JSON.stringify(before) !== JSON.stringify(record);
    for (const name of hookNames) {
      if (await putBeside(places.folder, name, settings, context)) changed = true;
    }
    return { places, settings, changed };
  }
  const forward = isGiven && record.forward ? record.forward : await chooseForward(context, places);
  record.forward = forward;
  await noteRecord(places, record);
  await fillForward(ours, forward.hooksPath, settings);
  if (!isGiven) await giveFolder(context, places, ours, record);
  const now = JSON.stringify(readRecord(places.commonFolder));
  return { places, settings, changed: !isGiven || JSON.stringify(before) !== now };
}

const noteRecord = ({ commonFolder }: HookPlaces, record: HookRecord) =>
  writeFileAtomic(recordFile(commonFolder), `${JSON.stringify(record, null, 2)}\n`);

async function putBeside(
  folder: string,
  name: (typeof hookNames)[number],
  settings: HookSettings,
  { output }: Needs,
): Promise<boolean> {
  const path = join(folder, name);
  const aside = `${path}${suffix}`;
  const there = await textOf(path);
  let before: Before | undefined;
  if (there !== undefined && isOurs(there)) {
    const kept = await textOf(aside);
    before = kept === undefined ? undefined : beforeOf(kept);
  } else if (there !== undefined && (await isRun(path))) {
    const kept = await textOf(aside);
    if (kept !== undefined && kept !== there) {
      // A hook manager has written its own over ours since; what was there before it stays to be looked at.
      await rename(aside, `${aside}-${Date.now()}`);
      output.warn(
        `${aside} is from before another program wrote ${path}; it is kept under another name`,
      );
    }
    await keepAside(path, aside);
    before = beforeOf(there);
  } else if (there === undefined) {
    const kept = await textOf(aside);
    before = kept === undefined ? undefined : beforeOf(kept);
  } else {
    // Not executable: git passes it over, and so do we. It is brought back all the same.
    await keepAside(path, aside);
  }
  const text = hookScript(name, settings, before);
  if (there === text) return false;
  await writeExecutable(path, text);
  return true;
}

/** The very file, under a second name: its bytes, mode and time stay. */
async function keepAside(path: string, aside: string): Promise<void> {
  await rm(aside, { force: true });
  if ((await lstat(path)).isSymbolicLink()) await symlink(await readlink(path), aside);
  else await link(path, aside);
}

async function fillForward(ours: string, from: string, settings: HookSettings): Promise<void> {
  await writeExecutable(join(ours, "forward"), forwardScript(from));
  for (const name of hookNames) {
    const text = hookScript(name, settings, { run: "forward", folder: from });
    await writeExecutable(join(ours, name), text);
  }
}

async function chooseForward(
  { env }: Pick<Runtime, "env">,
  { commonFolder, hooksPath, scope }: HookPlaces,
): Promise<NonNullable<HookRecord["forward"]>> {
  if (scope === "worktree" || scope === "command" || hooksPath === undefined) {
    throw new DsError("REFUSED", `core.hooksPath is set for this ${scope ?? "command"} alone`, {
      reason: "HOOKS_PATH_NOT_SHARED",
      hint: "Set it for the repository instead: git config core.hooksPath <folder>",
    });
  }
  const config = await readFile(join(commonFolder, "config"), "utf8");
  const path = hooksPath.replace(/^~(?=\/)/, homeDirectory(env) ?? "~");
  return { before: config, after: "", hooksPath: path, scope: scope ?? "local" };
}

/** Forwards what is there already, and then leads git to it. */
async function giveFolder(
  { env }: Needs,
  { top, folder, commonFolder }: HookPlaces,
  ours: string,
  record: HookRecord,
): Promise<void> {
  const { forward } = record;
  if (forward === undefined) return;
  for (const name of await readdir(folder).catch(() => [])) {
    const isHook = /^[a-z-]+$/.test(name) && (await isRun(join(folder, name)));
    if (isHook && !existsSync(join(ours, name))) {
      await writeExecutable(join(ours, name), forwardScript(forward.hooksPath));
    }
  }
  const place = { cwd: top, env: withoutGit(env) };
  const set = await runGit(place, ["config", "--local", "core.hooksPath", ours]);
  if (set.status !== 0) {
    throw new DsError("UPSTREAM", `git cannot set core.hooksPath: ${set.complaint}`, {
      reason: "GIT_FAILED",
    });
  }
  forward.after = await readFile(join(commonFolder, "config"), "utf8");
  await writeFileAtomic(recordFile(commonFolder), `${JSON.stringify(record, null, 2)}\n`);
}

async function writeExecutable(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.ds-new`;
  await writeFile(temporary, text, { mode: 0o755 });
  await chmod(temporary, 0o755);
  await rename(temporary, path);
}

export async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "latin1");
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

async function isRun(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && (found.mode & 0o111) !== 0;
}
