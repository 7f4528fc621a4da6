import { execFile } from "node:child_process";
import { realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** drizzle-kit 0.31 and 1.0, as they are installed here. */
const packages = {
  "0.31": fileURLToPath(new URL("../../../../backend/node_modules", import.meta.url)),
  "1.0": fileURLToPath(new URL("../../../../e2e/drizzle-1/node_modules", import.meta.url)),
};

export type KitVersion = keyof typeof packages;

/** Gives a project the packages of one of them. */
export const installKit = (version: KitVersion, project: string): void =>
  symlinkSync(packages[version], join(project, "node_modules"));

/** Runs the project's drizzle-kit; throws where it fails. */
export async function runKit(project: string, url: string, ...args: string[]): Promise<void> {
  const bin = join(realpathSync(join(project, "node_modules/drizzle-kit")), "bin.cjs");
  const env = { ...process.env, DATABASE_URL: url };
  await promisify(execFile)(process.execPath, [bin, ...args], { cwd: project, env });
}
