import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ContextBase } from "../../app-context.ts";
import { DsError } from "../../errors/ds-error.ts";
import { slug } from "../../stages/stage.ts";
import { completeConfig, type ProjectConfig } from "../project-config.ts";

const fileNames = ["ds.config.ts", "ds.config.mts", "ds.config.js", "ds.config.mjs"];

/** The nearest configuration from here upwards; without one, what the nearest Drizzle project says. */
export async function loadConfig(
  context: Pick<ContextBase, "cwd" | "env" | "home">,
): Promise<ProjectConfig> {
  const file = nearest(context.cwd, fileNames);
  if (file !== undefined) {
    const { evaluateConfig } = await import("./evaluate.ts");
    return completeConfig(await evaluateConfig(file, context.home), dirname(file), file);
  }
  const { findDrizzleProject } = await import("./drizzle-project.ts");
  const found = await findDrizzleProject(context);
  if (found !== undefined) {
    const { root, drizzle } = found;
    const config = { project: projectName(root), ...(drizzle && { migrations: drizzle }) };
    return { ...completeConfig(config, root, undefined), drizzleFile: drizzle?.file };
  }
  throw new DsError(
    "CONFIG_INVALID",
    "there is no ds.config.ts here or above, and no Drizzle project either",
    {
      hint: "Write one: ds init",
    },
  );
}

/** The package's name without its scope, else the folder's. */
export function projectName(root: string): string {
  let name: unknown;
  try {
    name = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { name?: unknown })
      .name;
  } catch {
    // No package.json, or a broken one: not what this command is about.
  }
  const own = typeof name === "string" ? name.replace(/^@[^/]*\//, "") : "";
  return slug(own) || slug(basename(root)) || "project";
}

/** The first of the names that is in the folder or the nearest one above it; stops at a checkout's top. */
export function nearest(from: string, names: string[]): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = names.map((name) => join(folder, name)).find((path) => existsSync(path));
    if (found !== undefined) return found;
    if (existsSync(join(folder, ".git")) || dirname(folder) === folder) return undefined;
  }
}
