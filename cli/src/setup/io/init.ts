import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import {
  defaultLedger,
  differingParts,
  drizzleConfigNames,
} from "../../config/drizzle-settings.ts";
import { readDrizzleConfig } from "../../config/io/drizzle-config.ts";
import { findToolBelow, foldersBelow, toolInFolder } from "../../config/io/find-tool.ts";
import { inferProjectName } from "../../config/io/project-name.ts";
import { configTemplate, type Known } from "../../config/template.ts";
import { DsError } from "../../errors/ds-error.ts";
import { shownPath } from "../../lib/format/shown-path.ts";
import type { Runtime } from "../../runtime/runtime.ts";

export type InitReport = Found & { path: string };

type Found = Omit<Known, "project"> & {
  /** The drizzle config that it was taken from, or why nothing was. */
  from?: string;
  /** What another tool was recognised by. */
  toolBy?: string;
  doubt?: string;
};

/** Writes a ds.config.ts into the current folder; CONFLICT where there is one. */
export async function writeConfig(
  context: Runtime,
  project: string | undefined,
): Promise<InitReport> {
  const { cwd } = context;
  const path = join(cwd, "ds.config.ts");
  const found = await findMigrations(context);
  const name = project ?? (await inferProjectName(context, cwd)).project;
  const text = configTemplate({ project: name, ...found });
  try {
    await writeFile(path, text, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new DsError(
      "CONFLICT",
      `there already is a ${shownPath(path, cwd)}; it was left as it is`,
      { reason: "CONFIG_EXISTS", hint: "Edit it, or move it away first." },
    );
  }
  return { path, ...found };
}

/** A folder that Drizzle would have, by its name or by its config, with another tool's migrations in it. */
function otherToolsFolder(cwd: string, folder: string): Found | undefined {
  const tool = toolInFolder(join(cwd, folder));
  const above = dirname(folder);
  if (tool === undefined) return undefined;
  return {
    migrations: undefined,
    ledger: {},
    tool: above === "." ? tool : { ...tool, cwd: above },
    toolBy: folder,
  };
}

/** As the drizzle config here or one or two levels down has it; else a folder of Drizzle's, if there is one. */
async function findMigrations(context: Runtime): Promise<Found> {
  const { cwd } = context;
  const folders = ["", ...foldersBelow(cwd)];
  const first = (names: readonly string[], among = folders) =>
    among
      .flatMap((folder) => names.map((name) => join(folder, name)))
      .find((path) => existsSync(join(cwd, path)));
  const migrations = first(
    ["drizzle"],
    folders.filter((folder) => dirname(folder) === "."),
  );
  const from = first(drizzleConfigNames);
  if (from === undefined) {
    if (migrations === undefined) {
      const found = findToolBelow(cwd);
      return { migrations, ledger: {}, tool: found?.tool, ...(found && { toolBy: found.by }) };
    }
    return otherToolsFolder(cwd, migrations) ?? { migrations, ledger: {} };
  }
  try {
    const drizzle = await readDrizzleConfig(join(cwd, from), context);
    const other = otherToolsFolder(cwd, relative(cwd, drizzle.folder));
    if (other !== undefined) return other;
    const differing = differingParts(["schema", "table"], defaultLedger, drizzle);
    const ledger = Object.fromEntries(differing.map((part) => [part, drizzle[part]]));
    return { migrations: relative(cwd, drizzle.folder) || ".", ledger, from };
  } catch (error) {
    if (!(error instanceof DsError) || error.code !== "CONFIG_INVALID") throw error;
    return { migrations, ledger: defaultLedger, doubt: error.message };
  }
}
