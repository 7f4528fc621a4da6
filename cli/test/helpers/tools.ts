import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where `npm run tools` keeps what no package brings: outside of every checkout. */
export const toolsFolder = process.env.DS_TOOLS || join(homedir(), ".cache", "ds-tools");

/** A program of that folder; undefined where it was not made. */
export function tool(...path: string[]): string | undefined {
  const file = join(toolsFolder, ...path);
  return existsSync(file) ? file : undefined;
}

/** Folder of the real Pulumi, its language host and the runner of dynamic providers. */
export const pulumiBin = (): string | undefined => {
  const folder = join(toolsFolder, "pulumi-3.248.0", "bin");
  const needed = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"];
  return needed.every((name) => existsSync(join(folder, name))) ? folder : undefined;
};
