import type { HasConfig } from "../../config/project-config.ts";
import { shownPath } from "../../lib/format/shown-path.ts";
import { loadPostgres } from "../../postgres/io/connect.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasEnvFile } from "../../stages/io/env-file.ts";
import type { Target } from "../../stages/io/target.ts";

export interface WrittenEnvFile {
  /** Of the branch, direct, with its password. */
  url: string;
  envFile: { path: string; changed: boolean };
}

/** Points the checkout's env file at a branch; its other lines stay. */
export async function writeEnvFile(
  context: Pick<Runtime, "cwd" | "output"> & HasConfig & HasEnvFile,
  { connectionUrl, stage }: Target,
): Promise<WrittenEnvFile> {
  const config = await context.config();
  const file = await context.envFile();
  const [pooled, url] = await Promise.all([
    connectionUrl({ pooled: true }),
    connectionUrl(),
    loadPostgres(),
  ]);
  const values = {
    [config.envFile.url]: pooled,
    [config.envFile.unpooledUrl]: url,
    [config.stageVariable]: stage.name,
  };
  const changed = await file.set(values);
  const path = shownPath(file.path, context.cwd);
  if (changed) context.output.changes.set(path, `${path} was written`);
  if (changed) context.output.done(`Wrote ${Object.keys(values).join(", ")} to ${path}`);
  return { url, envFile: { path, changed } };
}
