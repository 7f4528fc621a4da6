import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { HasConfig } from "../../../config/project-config.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { type Follow, hookNames, isOurs, managerOf, suffix } from "../script.ts";
import { textOf } from "./install.ts";
import { hookPlaces } from "./places.ts";
import { hooksHome, readRecord } from "./record.ts";

interface HookState {
  name: string;
  /** `replaced`: another program has written its own since. */
  state: "installed" | "missing" | "replaced";
  /** What runs before ours. */
  before: string | null;
}

export interface HooksDocument {
  installed: boolean;
  /** What ds.config.ts says, and what the installed hooks were told. */
  follow: Follow;
  followInstalled: Follow | null;
  hooksPath: string;
  manager: string | null;
  hooks: HookState[];
}

/** How git's hooks stand in this worktree. */
export async function hooksStatus(
  context: Pick<Runtime, "env"> & HasConfig,
): Promise<HooksDocument> {
  const config = await context.config();
  const places = await hookPlaces(context, config.root);
  const record = readRecord(places.commonFolder);
  const home = hooksHome(places.commonFolder);
  const isGiven = places.folder === home;
  const hooks: HookState[] = [];
  const texts: string[] = [];
  for (const name of hookNames) {
    const path = join(places.folder, name);
    const text = await textOf(path);
    const forwarded = join(record?.forward?.hooksPath ?? "", name);
    const aside = isGiven ? resolve(places.top, forwarded) : `${path}${suffix}`;
    const kept = await textOf(aside);
    texts.push(kept ?? text ?? "");
    const state = text === undefined ? "missing" : isOurs(text) ? "installed" : "replaced";
    const before = state === "installed" && existsSync(aside) ? aside : null;
    hooks.push({ name, state, before });
  }
  return {
    installed: record !== undefined && hooks.every(({ state }) => state === "installed"),
    follow: config.git.follow,
    followInstalled: record?.settings.follow ?? null,
    hooksPath: places.folder,
    manager: managerOf(record?.forward?.hooksPath ?? places.folder, texts),
    hooks,
  };
}
