import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { drizzleConfigNames } from "../drizzle-settings.ts";
import { type DrizzleConfig, type DrizzleReader, readDrizzleConfig } from "./drizzle-config.ts";
import { nearest, nearestFile } from "./find-up.ts";

export interface DrizzleProject {
  root: string;
  /** Undefined where there only is a migrations folder. */
  drizzle: DrizzleConfig | undefined;
}

/** The nearest Drizzle project from here upwards: that of a drizzle config, or else of a folder `drizzle`. */
export async function findDrizzleProject(
  context: DrizzleReader,
): Promise<DrizzleProject | undefined> {
  const file = nearestFile(context.cwd, drizzleConfigNames);
  const folder = nearest(context.cwd, ["drizzle"]);
  if (file === undefined) {
    return folder === undefined ? undefined : { root: dirname(folder), drizzle: undefined };
  }
  const drizzle = await readDrizzleConfig(file, context);
  const isNearer = folder !== undefined && dirname(folder).length > dirname(file).length;
  if (isNearer && folder !== drizzle.folder && holdsMigrations(folder)) {
    return { root: dirname(folder), drizzle: undefined };
  }
  return { root: dirname(file), drizzle };
}

/** A folder of that name may as well hold the schema's code. */
function holdsMigrations(folder: string): boolean {
  return (
    existsSync(join(folder, "meta", "_journal.json")) ||
    readdirSync(folder).some((name) => existsSync(join(folder, name, "migration.sql")))
  );
}
