import { readFile } from "node:fs/promises";
import { DsError } from "../../../errors/ds-error.ts";
import { configDirectory, homeDirectory } from "../../../lib/process/environment.ts";
import { usualHome } from "../../../runtime/home.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasEngine } from "../../io/daemon.ts";
import { type Unit, unitOf } from "../unit.ts";

type Needs = Pick<Runtime, "env" | "home"> & HasEngine;

/** The unit that starts this home's engine; fails where ds knows no way on this platform. */
export async function ownUnit(context: Needs): Promise<Unit> {
  const unit = await findUnit(context);
  if (unit) return unit;
  throw new DsError(
    "PREREQUISITE_MISSING",
    `ds knows systemd and launchd, and neither is on ${process.platform}`,
    { hint: "Any ds command starts the engine; `ds engine start` does nothing else." },
  );
}

/** What is installed for this home, as its file has it; undefined where there is none. */
export async function installedUnit(context: Needs): Promise<Unit | undefined> {
  const unit = await findUnit(context);
  const text = unit && (await readFile(unit.file, "utf8").catch(() => undefined));
  return text === undefined || unit === undefined ? undefined : { ...unit, text };
}

async function findUnit({ env, home, engine }: Needs): Promise<Unit | undefined> {
  const uid = process.getuid?.() ?? -1;
  const { program } = await engine();
  return unitOf(
    { node: process.execPath, program, home, usualHome: usualHome(env, uid) },
    {
      platform: process.platform,
      uid,
      userHome: homeDirectory(env) ?? "/",
      configHome: configDirectory(env) ?? "/.config",
    },
  );
}
