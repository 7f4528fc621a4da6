import { statSync } from "node:fs";
import { join, relative } from "node:path";
import type { ProjectConfig } from "../../config/project-config.ts";
import type { Neon } from "../../neon/io/client.ts";
import type { Project } from "../../neon/model.ts";
import { addressOf, addressOfHost, parseConnectionUrl } from "../../postgres/connection-url.ts";
import type { Binding } from "../../repository/binding.ts";
import { findRepository } from "../../repository/io/find-repository.ts";
import { likeness, type Repository, samePart } from "../../repository/repository.ts";
import { readSettings } from "../../runtime/io/user-settings.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Unbound } from "../project-binding.ts";
import { openEnvFile } from "./env-file.ts";

export interface Evidence {
  /** This checkout's env file leads to the project. */
  here: boolean;
  /** Why it cannot be taken for this repository's, if nobody is bound to it. */
  unbound: Unbound | undefined;
}

interface Question {
  neon: Neon;
  config: ProjectConfig;
  isInferred: boolean;
  now: Repository;
  known: readonly Binding[];
}

/**
 * Who has worked with a project of a home that is older than bindings: the checkouts that were set up, by their env
 * files. Where all of them are of one repository, so is every project of this machine's engine.
 */
export async function projectEvidence(
  place: Pick<Runtime, "env" | "home">,
  { neon, config, isInferred, now, known }: Question,
  project: Project,
): Promise<Evidence> {
  const endpoints = await neon.listEndpoints(project.id);
  const addresses = new Set(endpoints.map(({ host }) => addressOfHost(host)));
  const here = await leadsTo(config.envFile.path, addresses);
  const isOurs = (repository: Repository) =>
    likeness(repository, now) === "same" && (!isInferred || samePart(repository, now));

  const names = new Set([relative(config.root, config.envFile.path), ".env"]);
  const checkouts = Object.keys((await readSettings(place.home)).checkouts);
  const others: string[] = [];
  let [ours, gone, strangers] = [0, 0, 0];
  for (const root of checkouts) {
    if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) {
      gone++;
      continue;
    }
    const repository = await findRepository(place, root).catch(() => undefined);
    const leads = await Promise.all([...names].map((name) => leadsTo(join(root, name), addresses)));
    if (repository !== undefined && isOurs(repository)) ours += leads.includes(true) ? 1 : 0;
    else {
      strangers++;
      if (leads.includes(true)) others.push(root);
    }
  }
  if (others.length > 0) {
    const unbound: Unbound =
      here || ours > 0
        ? { why: "shared", folders: [config.root, ...others] }
        : { why: "other", repositories: others };
    return { here, unbound };
  }
  const isOnlyUser =
    neon.local &&
    checkouts.length > 0 &&
    gone + strangers === 0 &&
    known.every(({ repository }) => isOurs(repository));
  const isProven = here || ours > 0 || isOnlyUser;
  return { here, unbound: isProven ? undefined : { why: "unproven" } };
}

async function leadsTo(envFile: string, addresses: ReadonlySet<string>): Promise<boolean> {
  const entries = await openEnvFile(envFile)
    .entries()
    .catch(() => []);
  return entries.some(([, value]) => {
    try {
      return (
        /^postgres(ql)?:\/\//.test(value) && addresses.has(addressOf(parseConnectionUrl(value)))
      );
    } catch {
      return false;
    }
  });
}
