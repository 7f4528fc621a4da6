import { appendFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { codeOf } from "../../errors/code-of.ts";
import { DsError } from "../../errors/ds-error.ts";
import { shownPath } from "../../lib/format/shown-path.ts";
import type { HasGit } from "../../lib/git/io/git.ts";
import { readRegularFile } from "../../lib/io/regular-file.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { envFilePaths, type HasEnvFile } from "../../stages/io/env-file.ts";
import { withIgnored } from "../gitignore.ts";

type Needs = Pick<Runtime, "cwd" | "output"> & HasEnvFile & HasGit;

/** Refuses, before anything is made, to write a password into a file that git has. */
export async function checkIgnorable(context: Needs): Promise<void> {
  const git = await context.git();
  for (const path of await envFilePaths(await context.envFile())) {
    const tracking = await git.tracking(path);
    if (tracking === "tracked") throw trackedFile(shownPath(path, context.cwd));
    // What lies there is looked at now, and not when all else is done.
    if (tracking === "untracked") readRegularFile(ignoreFileOf(path));
  }
}

/**
 * Adds the env file, and what it leads to, to the .gitignore beside it where git does not ignore it; returns the shown
 * path of what it changed.
 */
export async function ignoreEnvFile(context: Needs): Promise<string | undefined> {
  const changed: string[] = [];
  for (const path of await envFilePaths(await context.envFile())) {
    changed.push(...(await ignoreFile(context, path)));
  }
  return changed.length === 0 ? undefined : [...new Set(changed)].join(", ");
}

async function ignoreFile(context: Needs, path: string): Promise<string[]> {
  const git = await context.git();
  if ((await git.tracking(path)) !== "untracked") return [];
  const file = ignoreFileOf(path);
  const [shown, shownFile] = [path, file].map((each) => shownPath(each, context.cwd)) as [
    string,
    string,
  ];
  const before = readRegularFile(file)?.toString("utf8") ?? "";
  try {
    // Appended: its mode stays, and nobody else's change is lost.
    await appendFile(file, withIgnored(before, basename(path)).slice(before.length));
  } catch (error) {
    throw notIgnored(shown, `${shownFile} cannot be written (${codeOf(error)})`, error);
  }
  if ((await git.tracking(path)) === "untracked") {
    throw notIgnored(shown, `a line in ${shownFile} does not change that`);
  }
  context.output.done(`Added ${basename(path)} to ${shownFile}, as git did not ignore it`);
  return [shownFile];
}

function trackedFile(shown: string): DsError {
  return new DsError(
    "REFUSED",
    `git has ${shown}, so that the password would get into a commit. Nothing was changed.`,
    {
      reason: "ENV_FILE_TRACKED",
      hint: `Take it out of git, which keeps the file: git rm --cached ${shown}. Or name another file as envFile.path in ds.config.ts, such as .env.local`,
    },
  );
}

const ignoreFileOf = (path: string) => join(dirname(path), ".gitignore");

function notIgnored(shown: string, problem: string, cause?: unknown): DsError {
  return new DsError(
    "FILE_NOT_WRITABLE",
    `git does not ignore ${shown}, which is to hold a password, and ${problem}`,
    {
      reason: "ENV_FILE_NOT_IGNORED",
      hint: `Have git ignore it, then run again: ds setup. To see which rule counts: git check-ignore -v ${shown}`,
      cause,
    },
  );
}
