import { readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { EngineStatus } from "../../control-plane/engine-status.ts";
import type { CloneMethod } from "../../model/clone-method.ts";
import type { Home } from "../../storage/home.ts";
import type { Settings } from "../../storage/io/settings.ts";
import type { OpenHome } from "./open-home.ts";

interface EngineFacts {
  home: Home;
  settings: Settings;
  url: string;
  startedAt: string;
  version: string;
}

/** What a running engine says of itself. */
export async function engineStatus(
  { services, environment, cloner, quarantine }: OpenHome,
  { home, settings, url, startedAt, version }: EngineFacts,
): Promise<EngineStatus> {
  const { catalog, computes, extensions, listeners } = services;
  const { binaries } = environment;
  return {
    version,
    pid: process.pid,
    home: home.path,
    url,
    startedAt,
    projects: catalog.projects.size,
    branches: catalog.branches.size,
    computesRunning: computes.running.length,
    clone: describeClone(cloner.method),
    disk: await describeDisk(home, settings),
    postgres: { version: binaries.version, bin: binaries.bin },
    otherPostgres: services.postgres.list(),
    replicas: await describeReplicas(services),
    extensions: (await extensions.store.list()).map(({ name, version }) => ({ name, version })),
    quarantine: await quarantine.list(),
    problems: [...listeners.problems.values()],
  };
}

/** One question each, to its branch's server. */
function describeReplicas({ catalog, computes }: OpenHome["services"]) {
  return Promise.all(
    computes.runningReplicas.map(async ({ endpointId, branchId, replica }) => ({
      endpointId,
      branch: catalog.branches.get(branchId)?.name ?? branchId,
      lagBytes: await replica.lag(lagAnswerMs).catch(() => null),
    })),
  );
}

const lagAnswerMs = 1000;

/** How a new branch comes to be, and for plain copies why, and what would make it instant. */
function describeClone(method: CloneMethod): EngineStatus["clone"] {
  if (method === "reflink") return { method };
  return {
    method,
    reason: "the file system that holds the branches cannot share blocks between files",
    advice:
      process.platform === "linux"
        ? '"ds engine volume create" makes a volume that can (needs root once); or set DS_HOME to a directory on XFS or Btrfs'
        : "set DS_HOME to a directory on a file system that can, such as APFS",
  };
}

async function describeDisk(home: Home, settings: Settings): Promise<EngineStatus["disk"]> {
  const { blocks, bfree, bavail, bsize } = await statfs(home.data);
  const usedBytes = settings.volume ? (blocks - bfree) * bsize : await allocatedBytes(home.data);
  return { usedBytes, freeBytes: bavail * bsize, volume: settings.volume ? "image" : "directory" };
}

async function allocatedBytes(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true }).catch(() => [])) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) bytes += await allocatedBytes(path);
    else
      bytes += await stat(path).then(
        ({ blocks }) => blocks * 512,
        () => 0,
      );
  }
  return bytes;
}
