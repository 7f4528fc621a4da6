import type { HasEngine } from "../../engine/io/daemon.ts";
import { formatBytes } from "../../lib/format/bytes.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Examination } from "./examination.ts";
import { examineService } from "./service.ts";

/** A copy of a small branch, its log and what they grow by. */
const littleSpace = 1024 ** 3;

export async function examineEngine(
  context: Pick<Runtime, "version" | "env" | "home"> & HasEngine,
  examination: Examination,
): Promise<void> {
  const {
    version,
    clone,
    disk,
    postgres,
    otherPostgres,
    problems,
    quarantine = [],
  } = await (await context.engine()).status();
  if (version !== context.version) {
    examination.warn(
      "engine",
      `it is of version ${version}, and ds of ${context.version}`,
      "Stop it (ds engine stop): the next command starts the one that belongs to ds.",
    );
  }
  for (const problem of problems) {
    examination.warn("engine", problem, "Free the port: ds engine status shows when it is had.");
  }
  for (const { major, version, bin } of otherPostgres) {
    if (version !== null) continue;
    const fix = `Name where it is now: ds engine postgres add ${major} <bin directory>; or, where no project has it: ds engine postgres remove ${major}`;
    examination.warn("postgres", `PostgreSQL ${major} in ${bin} cannot be used`, fix);
  }
  const usable = otherPostgres.flatMap(({ version }) => version ?? []);
  examination.ok("postgres", `the engine has ${[postgres.version, ...usable].join(", ")}`);
  for (const { name, path, was, until, why } of quarantine) {
    examination.warn(
      "set aside",
      `${path}${was ? `, once the data of ${was}` : ""}: ${why}; it is removed on ${until.slice(0, 10)}`,
      `If nobody needs it: ds engine quarantine remove ${name}`,
    );
  }
  if (clone.advice === undefined) {
    examination.ok("copies", `branches share their blocks (${clone.method})`);
  } else {
    examination.warn("copies", `every branch is a full copy: ${clone.reason ?? ""}`, clone.advice);
  }
  await examineService(context, examination);
  const space = `${formatBytes(disk.freeBytes)} free, ${formatBytes(disk.usedBytes)} used (${disk.volume})`;
  if (disk.freeBytes >= littleSpace) return examination.ok("disk", space);
  examination.warn("disk", space, "Delete what is stale: ds db audit");
}
