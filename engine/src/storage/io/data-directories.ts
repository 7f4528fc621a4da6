import { chown, readdir, readFile, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { diskFull } from "../../lib/engine-error.ts";
import { exists } from "../../lib/io/files.ts";
import { syncVolume } from "../../lib/io/sync-volume.ts";
import type { CloneMethod } from "../../model/clone-method.ts";
import type { KnownPosition } from "../../model/descent.ts";
import type { PresentFork } from "../../model/fork.ts";
import { newDataDir } from "../../model/ids.ts";
import { parseLsn, segmentOfLabel } from "../../model/lsn.ts";
import { asAdmin } from "../../postgres/io/admin.ts";
import type { Compute } from "../../postgres/io/compute.ts";
import { endOfLog, firstNeededSegment } from "../../postgres/io/control-file.ts";
import { readForkPosition } from "../../postgres/io/log-position.ts";
import type { PostgresUser } from "../../postgres/io/os-user.ts";
import { readContents } from "../../postgres/io/roles.ts";
import { backupStatements } from "../../postgres/version-features.ts";
import type { Home } from "../home.ts";
import { bytesBelow } from "./bytes-below.ts";
import type { Cloner, OnProgress } from "./clone.ts";
import { copyLog, copySummaries } from "./copy-log.ts";
import { whileFrozen } from "./freeze.ts";
import { Removal } from "./removal.ts";
import { Notes } from "./step-notes.ts";

interface DataOptions {
  user: PostgresUser | undefined;
  adminPassword: string;
  /** Databases of this size and more take long to copy, where a copy costs its full size. */
  longCopyBytes: number;
}

/** Where a copy goes, where that was settled before. */
export interface Into {
  /** Default: a new name. */
  dataDir?: string;
  onProgress?: OnProgress | undefined;
}

interface BackupCopy {
  backup: ReturnType<typeof backupStatements>;
  onProgress: OnProgress | undefined;
}

/** Of a copy of a server that sleeps. */
async function positionOfSleeping(path: string): Promise<KnownPosition> {
  const lsn = await endOfLog(path);
  // Whoever decides about what is prepared may do so on one side alone.
  const prepared = await readdir(join(path, "pg_twophase"));
  return { ...(lsn && { lsn }), open: prepared.length > 0 ? "unknown" : [] };
}

/** Copies, and in the end removes, the data directories of branches. */
export class BranchData {
  readonly #home: Home;
  readonly #cloner: Cloner;
  readonly #user: PostgresUser | undefined;
  readonly #adminPassword: string;
  readonly #longCopyBytes: number;
  readonly #removal: Removal;
  /** Which directories a step is about. */
  readonly notes: Notes;

  constructor(home: Home, cloner: Cloner, options: DataOptions) {
    this.#home = home;
    this.#cloner = cloner;
    this.#user = options.user;
    this.#adminPassword = options.adminPassword;
    this.#longCopyBytes = options.longCopyBytes;
    this.notes = new Notes(home);
    this.#removal = new Removal(home, this.notes);
  }

  path(dataDir: string): string {
    return join(this.#home.pgdata, dataDir);
  }

  get method(): CloneMethod {
    return this.#cloner.method;
  }

  /**
   * Whether a copy takes so long that nobody should wait for it with an open request; refuses one for which there is
   * no room. Reflinks are made in a moment, whatever the size; and what is small is better copied as it is at the
   * request, with an answer that tells what went wrong.
   */
  async takesLong(dataDir: string): Promise<boolean> {
    if (this.method !== "copy") return false;
    const bytes = await bytesBelow(join(this.path(dataDir), "base"));
    if (bytes < this.#longCopyBytes) return false;
    if (bytes > (await this.freeBytes())) throw diskFull(undefined);
    return true;
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#home.pgdata);
    return bavail * bsize;
  }

  /** A copy of a directory that no server runs on, in a directory of pgdata/ that is returned. */
  async copyOf(directory: string, into?: Into): Promise<string> {
    return this.#making(into, async (dataDir) => {
      const onProgress = into?.onProgress;
      await this.#cloner.clone(directory, this.path(dataDir), { onProgress });
      return dataDir;
    });
  }

  /**
   * A copy of the source as it is now. When the server runs: on a volume with reflinks it is held
   * still for the few milliseconds that takes; elsewhere the backup API makes a sound copy while it
   * goes on working.
   */
  async fork(
    source: { dataDir: string; compute: Compute; isCurrent?: () => boolean },
    into?: Into,
  ): Promise<PresentFork> {
    await this.#recoverCrashed(source);
    return this.#making(into, (dataDir) =>
      source.compute.holdSteady(async (running) => {
        // From here on no restore can exchange it, and no server can start on it.
        if (source.isCurrent?.() === false) throw new Error("its data was exchanged meanwhile");
        return this.#forkHeld(source, running, { dataDir, onProgress: into?.onProgress });
      }),
    );
  }

  async #forkHeld(
    source: { dataDir: string; compute: Compute },
    running: { pid: number; port: number } | undefined,
    { dataDir, onProgress }: Into & { dataDir: string },
  ): Promise<PresentFork> {
    const from = this.path(source.dataDir);
    const to = this.path(dataDir);
    if (!running) {
      const walFrom = await firstNeededSegment(from);
      await this.#cloner.clone(from, to, { walFrom, onProgress });
      const at = new Date().toISOString();
      const position = await positionOfSleeping(to);
      return { kind: "sleeping", dataDir, at, copiedFrom: source.dataDir, position };
    }
    const address = { port: running.port, password: this.#adminPassword };
    return asAdmin(address, "postgres", async (client) => {
      const copied = await source.compute.oneCopyAtATime(() =>
        this.#cloner.method === "reflink"
          ? this.#copyFrozen(client, running.pid, from, to)
          : this.#copyByBackup(client, from, to, {
              backup: backupStatements(source.compute.environment.binaries.major),
              onProgress,
            }),
      );
      return { kind: "running", dataDir, copiedFrom: source.dataDir, ...copied };
    });
  }

  /**
   * A server that was killed leaves its pid file, and perhaps a backend that still writes. Started again
   * it is whole and can be copied like any other; Postgres refuses to start beside such a backend.
   */
  async #recoverCrashed({ dataDir, compute }: { dataDir: string; compute: Compute }) {
    const pidFile = join(this.path(dataDir), "postmaster.pid");
    // One that is being stopped has its pid file, too: only what is left after a stop was killed.
    const isCrashed = await compute.holdSteady(
      async (running) => running === undefined && (await exists(pidFile)),
    );
    if (isCrashed) await compute.ensureRunning();
  }

  async #copyFrozen(client: pg.Client, pid: number, from: string, to: string) {
    // Little is left to recover then, and the write-ahead log before it need not be copied.
    await client.query("checkpoint");
    const position = await readForkPosition(client);
    const contents = await readContents(client);
    const walFrom = await firstNeededSegment(from);
    await this.#cloner.clone(from, to, { walFrom, during: (copy) => whileFrozen(pid, copy) });
    const at = new Date().toISOString();
    return { at, contents, position, lsnAfter: (await readContents(client)).lsn };
  }

  async #copyByBackup(client: pg.Client, from: string, to: string, how: BackupCopy) {
    const { backup, onProgress } = how;
    try {
      // The temporary slot keeps the log of the whole copy on disk; it goes with the connection.
      await client.query("select pg_create_physical_replication_slot($1, true, true)", [
        `ds_copy_${newDataDir()}`,
      ]);
      await client.query(backup.start);
      const live = { sourceIsLive: true, withoutWal: true, onProgress };
      await this.#cloner.clone(from, to, live);
      const position = await readForkPosition(client);
      const contents = await readContents(client);
      const { rows } = await client.query<{ labelfile: string }>(backup.stop);
      const { labelfile } = rows[0] as { labelfile: string };
      await this.#copyControlFile(from, to);
      const first = segmentOfLabel(labelfile);
      // A slot holds only so much of the log: without its beginning the copy would be none.
      if (!(await exists(join(from, "pg_wal", first)))) {
        throw new Error("more was written during the copy than the log keeps; try again");
      }
      await copySummaries(from, to, this.#user);
      await copyLog(from, to, first, this.#user);
      // Recovery takes what was committed until the log was copied.
      const at = new Date().toISOString();
      await this.#write(join(to, "backup_label"), labelfile);
      await syncVolume(to);
      return { at, contents, position, lsnAfter: (await readContents(client)).lsn };
    } catch (error) {
      await rm(to, { recursive: true, force: true });
      throw error;
    }
  }

  /** Postgres overwrites this file in place, so a reading counts once the next one agrees. */
  async #copyControlFile(from: string, to: string): Promise<void> {
    const path = join("global", "pg_control");
    let before = await readFile(join(from, path));
    for (;;) {
      const again = await readFile(join(from, path));
      if (before.equals(again)) break;
      before = again;
    }
    await writeFile(join(to, path), before);
  }

  async #write(path: string, text: string): Promise<void> {
    await writeFile(path, text, { mode: 0o600 });
    if (this.#user) await chown(path, this.#user.uid, this.#user.gid);
  }

  /** What the log of `from` has changed before a position, for a copy whose log goes on from there. */
  async copySummaries(from: string, to: string, before: string): Promise<void> {
    await copySummaries(this.path(from), this.path(to), this.#user, parseLsn(before));
  }

  /** Takes a directory out of sight at once; its blocks are freed in the background. */
  discard(dataDir: string): Promise<void> {
    return this.#removal.discard(dataDir);
  }

  /** From now on nothing is discarded: the next start knows better what nothing refers to. */
  keepAll(): void {
    this.#removal.keepAll();
  }

  /** Bases that were taken while the data they belong to was discarded. */
  discardHistory(dataDir: string): Promise<void> {
    return this.#removal.discardHistory(dataDir);
  }

  emptyTrash(): void {
    this.#removal.emptyTrash();
  }

  /** Waits until what was discarded is gone. */
  settled(): Promise<void> {
    return this.#removal.settled();
  }

  /** Makes a directory with a new name. Until `notes.end`, a start removes it where nothing refers to it. */
  async #making<T>(into: Into | undefined, make: (dataDir: string) => Promise<T>): Promise<T> {
    const dataDir = into?.dataDir ?? newDataDir();
    await this.notes.begin(dataDir);
    try {
      return await make(dataDir);
    } catch (error) {
      await this.notes.end(dataDir);
      throw error;
    }
  }
}
