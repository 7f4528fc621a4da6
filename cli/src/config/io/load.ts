import { dirname } from "node:path";
import { DsError } from "../../errors/ds-error.ts";
import { drizzleConfigNames } from "../drizzle-settings.ts";
import { otherToolFound } from "../other-tool.ts";
import { completeConfig, type ProjectConfig } from "../project-config.ts";
import type { DrizzleReader } from "./drizzle-config.ts";
import { nearest, nearestFile } from "./find-up.ts";
import { requireOwn } from "./require-own.ts";

const fileNames = ["ds.config.ts", "ds.config.mts", "ds.config.js", "ds.config.mjs"];

/** The nearest configuration from here upwards; without one, what the nearest Drizzle project says. */
export async function loadConfig(context: DrizzleReader): Promise<ProjectConfig> {
  const file = nearestFile(context.cwd, fileNames);
  if (file !== undefined) {
    requireOwn(file, context.env);
    const { evaluateConfig } = await import("./evaluate.ts");
    return completeConfig(await evaluateConfig(file, context.home), dirname(file), file);
  }
  const { findDrizzleProject } = await import("./drizzle-project.ts");
  const found = await findDrizzleProject(context);
  if (found !== undefined) {
    const { inferProjectName } = await import("./project-name.ts");
    const { root, drizzle } = found;
    const { project, otherNames } = await inferProjectName(context, root);
    const config = { project, ...(drizzle && { migrations: drizzle }) };
    return {
      ...completeConfig(config, root, undefined),
      inferred: { otherNames },
      drizzleFile: drizzle?.file,
    };
  }
  return withoutMigrations(context);
}

/** A checkout that has no migrations yet can have a branch all the same; one of another tool's has to say how it migrates. */
async function withoutMigrations(context: DrizzleReader): Promise<ProjectConfig> {
  const { cwd } = context;
  const top = nearest(cwd, [".git"]);
  const packageFile = nearest(cwd, ["package.json"]);
  const folders = [packageFile ?? top, top].flatMap((path) => (path ? [dirname(path)] : []));
  const { findToolBelow } = await import("./find-tool.ts");
  const [found] = [...new Set(folders)].flatMap((folder) => findToolBelow(folder) ?? []);
  if (found !== undefined) throw otherToolFound(found);
  const [root] = folders;
  if (top === undefined || root === undefined) {
    throw new DsError(
      "CONFIG_INVALID",
      "there is no ds.config.ts here or above, and neither a Drizzle project nor a git checkout",
      { reason: "NO_CONFIG", hint: "Write one: ds init" },
    );
  }
  const { inferProjectName } = await import("./project-name.ts");
  const { project, otherNames } = await inferProjectName(context, root);
  return {
    ...completeConfig({ project, migrations: false }, root, undefined),
    migrator: { kind: "none", onPurpose: false },
    inferred: { otherNames },
  };
}

/** The same for who only passes by, as a shell does: nothing is run that no command has run before. */
export async function loadKnownConfig(context: DrizzleReader): Promise<ProjectConfig> {
  const file = nearestFile(context.cwd, fileNames) ?? nearestFile(context.cwd, drizzleConfigNames);
  const { wasEvaluated } = await import("./evaluate.ts");
  if (file !== undefined && !file.endsWith(".json") && !wasEvaluated(file, context.home)) {
    throw new DsError("CONFIG_INVALID", `${file} has not been run yet, or not as it is now`, {
      reason: "CONFIG_NOT_EVALUATED",
    });
  }
  return loadConfig(context);
}
