import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { ProjectConfig } from "../../config/project-config.ts";
import { runChild } from "../../lib/process/io/run-child.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { clientToolsFinding } from "../client-tools.ts";
import type { Examination } from "./examination.ts";

/** The programs of others that single commands start, and PostgreSQL's own client tools. */
export async function examinePrograms(
  { env }: Pick<Runtime, "env">,
  examination: Examination,
  { infra }: ProjectConfig,
): Promise<void> {
  const missing = [
    ...(isProgram("psql", env.PATH) ? [] : ["psql (ds db connect has a small prompt of its own)"]),
    ...(infra === undefined || isProgram("pulumi", env.PATH) ? [] : ["pulumi, for ds deploy"]),
  ];
  examination.ok(
    "programs",
    missing.length === 0
      ? "all that ds makes use of are there"
      : `optional, not found: ${missing.join("; ")}`,
  );
  if (!isProgram("pg_dump", env.PATH)) return;
  const { stdout } = await runChild({
    program: "pg_dump",
    args: ["--version"],
    env,
    output: "pipe",
  });
  const finding = clientToolsFinding(String(stdout));
  if (finding) examination.add(finding);
}

function isProgram(name: string, path: string | undefined): boolean {
  return (path ?? "").split(delimiter).some((folder) => {
    try {
      const file = join(folder, name);
      accessSync(file, constants.X_OK);
      return statSync(file).isFile();
    } catch {
      return false;
    }
  });
}
