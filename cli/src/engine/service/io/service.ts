import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { DsError } from "../../../errors/ds-error.ts";
import { writeFileAtomic } from "../../../lib/io/write-file-atomic.ts";
import { runChild } from "../../../lib/process/io/run-child.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasEngine } from "../../io/daemon.ts";
import { disableCommands, enableCommands, isOwnUnit, type Unit } from "../unit.ts";
import { ownUnit } from "./own-unit.ts";

type Needs = Pick<Runtime, "env" | "home" | "output" | "signal"> & HasEngine;

export interface Installed {
  unit: Unit;
  /** False where the very unit was there before. */
  changed: boolean;
  /** An engine runs that somebody else has started: the manager takes it over when it is started next. */
  runsAlready: boolean;
}

/** Writes the unit and makes the manager start it at every log-in, and now where no engine runs. */
export async function installService(context: Needs): Promise<Installed> {
  const { output } = context;
  const unit = await ownUnit(context);
  const before = await textOf(unit);
  if (before !== undefined && !isOwnUnit(before)) throw foreignUnit(unit);
  const runsAlready = (await (await context.engine()).running()) !== undefined;
  const change = {
    done: `${unit.file} was installed`,
    unclear: `${unit.file} may be installed in part: \`ds engine install-service\` goes on`,
  };
  await output.changes.during(change, async () => {
    await mkdir(dirname(unit.file), { recursive: true });
    await writeFileAtomic(unit.file, unit.text);
    for (const command of enableCommands(unit, { uid: uid(), now: !runsAlready })) {
      await runManager(context, unit, command);
    }
  });
  return { unit, changed: before !== unit.text, runsAlready };
}

/** Makes the manager forget the unit and removes it; false where there is none. An engine that runs goes on. */
export async function uninstallService(context: Needs): Promise<{ unit: Unit; removed: boolean }> {
  const unit = await ownUnit(context);
  const before = await textOf(unit);
  if (before === undefined) return { unit, removed: false };
  if (!isOwnUnit(before)) throw foreignUnit(unit);
  const [disable, ...after] = disableCommands(unit, uid());
  const change = {
    done: `${unit.file} was removed`,
    unclear: `${unit.file} may be removed in part: \`ds engine uninstall-service\` goes on`,
  };
  await context.output.changes.during(change, async () => {
    if (disable) await runManager(context, unit, disable);
    await rm(unit.file, { force: true });
    for (const command of after) await runManager(context, unit, command);
  });
  return { unit, removed: true };
}

/** Undefined where there is no such file. */
const textOf = ({ file }: Unit): Promise<string | undefined> =>
  readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });

const uid = (): number => process.getuid?.() ?? -1;

async function runManager(
  { env }: Needs,
  { manager, file }: Unit,
  [program = "", ...args]: readonly string[],
): Promise<void> {
  const command = [program, ...args].join(" ");
  const hint = `To do it by hand: ds engine install-service --print shows ${file}.`;
  const result = await runChild({ program, args, env }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ENOENT") throw cause;
    throw new DsError("PREREQUISITE_MISSING", `${program} is not on this machine`, { hint, cause });
  });
  if (result.status === 0) return;
  const said = result.stderr.toString().trim();
  throw new DsError("UPSTREAM", `${manager} refused: ${command}${said ? `: ${said}` : ""}`, {
    reason: "SERVICE_REFUSED",
    hint,
  });
}

const foreignUnit = ({ file }: Unit): DsError =>
  new DsError("CONFLICT", `${file} was not written by ds, and is left as it is`, {
    reason: "SERVICE_FOREIGN",
    hint: "Look at it, and move it away where nobody needs it.",
  });
