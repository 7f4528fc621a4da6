import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasEngine } from "../../io/daemon.ts";

type Needs = Pick<Runtime, "cwd" | "env" | "output" | "signal"> & HasEngine;

/** Adds those of these extensions that the local engine's Postgres lacks; returns their names. */
export async function ensureExtensions(
  context: Needs,
  names: readonly string[],
): Promise<string[]> {
  if (names.length === 0) return [];
  const engine = await context.engine();
  const { builtIn, extensions } = await (await engine.extensions()).list();
  const there = new Set([...builtIn, ...extensions.map(({ name }) => name)]);
  const missing = names.filter((name) => !there.has(name));
  if (missing.length === 0) return missing;
  const { addExtension } = await import("./add.ts");
  for (const name of missing) await addExtension(context, name);
  return missing;
}

/** Restarts a branch whose Postgres does not see what was added; its connections end, which is said before. */
export async function restartForExtensions(
  context: Needs,
  names: readonly string[],
  branch: { id: string; name: string },
): Promise<void> {
  if (names.length === 0) return;
  const extensions = await (await context.engine()).extensions();
  const { waiting } = await extensions.list();
  if (!waiting.some(({ branchId }) => branchId === branch.id)) return;
  await context.output.step(
    `Restarting ${branch.name}, which was started before extensions were added; its connections end`,
    () => extensions.restart(branch.id),
  );
}
