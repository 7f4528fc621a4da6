import { existsSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { shownPath } from "../config.ts";
import type { Context } from "../context.ts";
import { configTemplate } from "../core/config-template.ts";
import { DsError } from "../errors.ts";
import { projectName } from "../services/config-file.ts";

interface Flags {
  project: string | undefined;
}

export default async function init({ cwd, output }: Context, flags: Flags): Promise<void> {
  if (flags.project?.trim() === "") throw new DsError("USAGE", "--project must not be empty");
  const path = join(cwd, "ds.config.ts");
  const migrations = findMigrations(cwd);
  const text = configTemplate({ project: flags.project ?? projectName(cwd), migrations });
  try {
    await writeFile(path, text, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new DsError(
      "CONFLICT",
      `there already is a ${shownPath(path, cwd)}; it was left as it is`,
      {
        hint: "Edit it, or move it away first.",
      },
    );
  }
  output.result(
    { path, migrations: migrations ?? null },
    `Wrote ${shownPath(path, cwd)}. Look through it, then run: ds setup`,
  );
}

/** Drizzle's folder here or one level down; undefined when there is none yet. */
function findMigrations(cwd: string): string | undefined {
  const folders = readdirSync(cwd, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^\.|^node_modules$/.test(entry.name))
    .map(({ name }) => join(name, "drizzle"));
  return ["drizzle", ...folders].find((folder) => existsSync(join(cwd, folder)));
}
