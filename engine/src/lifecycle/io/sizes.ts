import { execFile } from "node:child_process";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { DiskSize, DiskSizes } from "../../control-plane/disk-sizes.ts";
import type { CloneMethod } from "../../model/clone-method.ts";
import type { BranchRecord, SnapshotRecord } from "../../model/records.ts";
import { type Extent, parseExtents, sharesOf } from "../../storage/extents.ts";
import type { Home } from "../../storage/home.ts";
import type { Catalog } from "../../storage/io/catalog.ts";

const run = promisify(execFile);

/** What each branch and snapshot takes on the disk. It looks at every file, which takes a moment. */
export async function diskSizes(
  home: Home,
  catalog: Catalog,
  method: CloneMethod,
): Promise<DiskSizes> {
  const sizes: DiskSize[] = [];
  const files = new Map<string, string[]>();
  for (const [kind, records] of [
    ["branch", catalog.branches],
    ["snapshot", catalog.snapshots],
  ] as const) {
    for (const record of records.values()) {
      const { size, paths } = await measure(home, record);
      sizes.push({ ...size, kind, ownBytes: null });
      files.set(record.id, paths);
    }
  }
  for (const { id, projectId, branchId, type } of catalog.endpoints.values()) {
    if (type !== "read_only") continue;
    const found = await filesBelow(join(home.replicas, id));
    if (found.length === 0) continue;
    const name = catalog.branches.get(branchId)?.name ?? branchId;
    const size = { ...bytesOf(found, join(home.replicas, id)), bases: 0, basesBytes: 0 };
    sizes.push({ id, projectId, name, kind: "replica", ...size, ownBytes: null });
    files.set(
      id,
      found.map(({ path }) => path),
    );
  }
  const total = ({ dataBytes, basesBytes }: DiskSize) => dataBytes + basesBytes;
  if (method === "copy") {
    const own = sizes.map((size) => ({ ...size, ownBytes: total(size) }));
    return { sizes: own, allBytes: own.reduce((sum, size) => sum + total(size), 0) };
  }
  const shares = await readExtents(files).then(sharesOf, () => undefined);
  if (!shares) return { sizes, allBytes: null };
  const known = sizes.map((size) => ({ ...size, ownBytes: shares.own.get(size.id) ?? 0 }));
  return { sizes: known, allBytes: shares.all };
}

async function measure(
  home: Home,
  { id, projectId, name, dataDir }: BranchRecord | SnapshotRecord,
) {
  const data = await filesBelow(join(home.pgdata, dataDir));
  const history = join(home.history, dataDir);
  const bases = await filesBelow(history);
  const names = await readdir(history).catch(() => []);
  const size = {
    id,
    projectId,
    name,
    ...bytesOf(data, join(home.pgdata, dataDir)),
    bases: names.filter((base) => base.endsWith(".json")).length,
    basesBytes: sum(bases),
  };
  return { size, paths: [...data, ...bases].map(({ path }) => path) };
}

const sum = (files: Measured[]) => files.reduce((bytes, file) => bytes + file.bytes, 0);

function bytesOf(data: Measured[], directory: string) {
  const log = `${join(directory, "pg_wal")}/`;
  return {
    dataBytes: sum(data),
    walBytes: sum(data.filter(({ path }) => path.startsWith(log))),
  };
}

interface Measured {
  path: string;
  bytes: number;
}

/** Files may come and go meanwhile. */
async function filesBelow(directory: string): Promise<Measured[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries.map(async (entry): Promise<Measured[]> => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return filesBelow(path);
      if (!entry.isFile()) return [];
      return lstat(path).then(
        ({ blocks }) => [{ path, bytes: blocks * 512 }],
        () => [],
      );
    }),
  );
  return found.flat();
}

const filesAtOnce = 500;

/** Rejects where there is no filefrag, which comes with e2fsprogs on Linux. */
async function readExtents(files: ReadonlyMap<string, string[]>): Promise<Map<string, Extent[]>> {
  const extents = new Map<string, Extent[]>();
  for (const [owner, paths] of files) {
    const own: Extent[] = [];
    for (let at = 0; at < paths.length; at += filesAtOnce) {
      own.push(...(await extentsOf(paths.slice(at, at + filesAtOnce))));
    }
    extents.set(owner, own);
  }
  return extents;
}

async function extentsOf(paths: string[]): Promise<Extent[]> {
  const options = { maxBuffer: 256 * 1024 * 1024 };
  try {
    const { stdout } = await run("filefrag", ["-v", "-b4096", "--", ...paths], options);
    return parseExtents(stdout);
  } catch (error) {
    // One that has vanished meanwhile makes it fail at its end.
    const { code, stdout } = error as { code?: unknown; stdout?: string };
    if (typeof code === "number" && stdout) return parseExtents(stdout);
    throw error;
  }
}
