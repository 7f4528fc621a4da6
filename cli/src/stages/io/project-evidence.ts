import { statSync } from "node:fs";
import { join, relative } from "node:path";
import type { ProjectConfig } from "../../config/project-config.ts";
import type { Neon } from "../../neon/io/client.ts";
import type { Project } from "../../neon/model.ts";
import { addressOf, addressOfHost, parseConnectionUrl } from "../../postgres/connection-url.ts";
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
}

/**
 * Who has worked with a project of a home that is older than bindings: the checkouts that were set up, by their env
 * files. Of this machine's engine it is this repository's, too, where its own env file is gone, but each other
 * checkout's leads elsewhere.
 */
export async function projectEvidence(
  place: Pick<Runtime, "env" | "home">,
  { neon, config, isInferred, now }: Question,
  project: Project,
): Promise<Evidence> {
  const endpoints = await neon.listEndpoints(project.id);
  const addresses = new Set(endpoints.map(({ host }) => addressOfHost(host)));
  const leads = (file: string) => leadsTo(file, addresses);
  const here = (await leads(config.envFile.path)) === "here";
  const isOurs = (repository: Repository) =>
    likeness(repository, now) === "same" && (!isInferred || samePart(repository, now));

  const names = new Set([relative(config.root, config.envFile.path), ".env"]);
  const checkouts = Object.keys((await readSettings(place.home)).checkouts);
  const others: string[] = [];
  let [known, using, unclear] = [0, 0, 0];
  for (const root of checkouts) {
    if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) {
      unclear++;
      continue;
    }
    const repository = await findRepository(place, root).catch(() => undefined);
    const found = await Promise.all([...names].map((name) => leads(join(root, name))));
    if (repository !== undefined && isOurs(repository)) {
      known++;
      if (found.includes("here")) using++;
    } else if (found.includes("here")) others.push(root);
    else if (!found.includes("elsewhere")) unclear++;
  }
  if (others.length > 0) {
    const unbound: Unbound =
      here || using > 0
        ? { why: "shared", folders: [config.root, ...others] }
        : { why: "other", repositories: others };
    return { here, unbound };
  }
  const isLeft = neon.local && known > 0 && unclear === 0;
  return { here, unbound: here || using > 0 || isLeft ? undefined : { why: "unproven" } };
}

/** Where the connection strings of an env file lead; undefined where it has none. */
async function leadsTo(
  envFile: string,
  addresses: ReadonlySet<string>,
): Promise<"here" | "elsewhere" | undefined> {
  const entries = await openEnvFile(envFile)
    .entries()
    .catch(() => []);
  const leads = entries.flatMap(([, value]) => {
    if (!/^postgres(ql)?:\/\//.test(value)) return [];
    try {
      return addresses.has(addressOf(parseConnectionUrl(value))) ? "here" : "elsewhere";
    } catch {
      return [];
    }
  });
  return leads.includes("here") ? "here" : leads[0];
}
