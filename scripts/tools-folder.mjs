import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where `npm run tools` keeps what no package of ours brings: outside of every checkout. */
export const tools = process.env.DS_TOOLS || join(homedir(), ".cache", "ds-tools");

/**
 * A file of it, where it was made.
 *
 * @param {string[]} path
 * @returns {string | undefined}
 */
export function madeTool(...path) {
  const file = join(tools, ...path);
  return existsSync(file) ? file : undefined;
}
