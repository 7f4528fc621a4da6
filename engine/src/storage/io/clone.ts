import { constants } from "node:fs";
import { chmod, copyFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { diskFull } from "../../lib/engine-error.ts";
import { errnoOf } from "../../lib/io/files.ts";
import { syncsReflinksWithDirectory, syncVolume } from "../../lib/io/sync-volume.ts";
import { Mutex } from "../../lib/rw-lock.ts";
import type { CloneMethod } from "../../model/clone-method.ts";
import type { PostgresUser } from "../../postgres/io/os-user.ts";
import { identityName } from "./identity-file.ts";

/**
 * Whether files on this volume can share their blocks until one of them is written to; undefined when
 * it is too full to try.
 */
export async function detectCloneMethod(directory: string): Promise<CloneMethod | undefined> {
  const probe = join(directory, `.reflink-${process.pid}`);
  try {
    await writeFile(probe, Buffer.alloc(8192, 1));
    await copyFile(probe, `${probe}.copy`, constants.COPYFILE_FICLONE_FORCE);
    return "reflink";
  } catch (error) {
    return errnoOf(error) === "ENOSPC" ? undefined : "copy";
  } finally {
    await rm(probe, { force: true });
    await rm(`${probe}.copy`, { force: true });
  }
}

/**
 * What a copy must not have: whose data it is, the identity of a running server, and what recovery makes anew. The
 * list is pg_basebackup's own (see "File System Level Backup" and basebackup.c in PostgreSQL 18), but
 * for backup_label: only a copy that was never started has one, and its copy needs it as much.
 * Replication slots stay behind, or every branch would hold its write-ahead log back for them.
 */
const skip = [
  identityName,
  "postmaster.pid",
  "postmaster.opts",
  "pg_internal.init",
  "pgsql_tmp",
  "postgresql.auto.conf.tmp",
  "current_logfiles.tmp",
  "backup_label.old",
  "tablespace_map.old",
];
const emptied = [
  "pg_replslot",
  "pg_dynshmem",
  "pg_notify",
  "pg_serial",
  "pg_snapshots",
  "pg_stat_tmp",
  "pg_subtrans",
  "pg_wal/archive_status",
];

/** Told from time to time how much of a copy is done; not of reflinks, which are made in a moment. */
export type OnProgress = (copiedBytes: number, totalBytes: number) => void;

interface Waiting {
  onProgress?: OnProgress | undefined;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** Copies data directories in a thread of its own, so that connections keep flowing meanwhile. */
export class Cloner {
  readonly method: CloneMethod;
  readonly #owner: PostgresUser | undefined;
  #worker: Worker | undefined;
  readonly #turns = new Mutex();
  #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #isClosed = false;

  constructor(method: CloneMethod, owner: PostgresUser | undefined) {
    this.method = method;
    this.#owner = owner;
  }

  /**
   * `to` must not exist; it is removed again when the copy fails. With `withoutWal` the directory
   * pg_wal is left empty, for a caller that fills it and then syncs the volume; with `walFrom`, the
   * name of a segment, the log before it is left out.
   */
  async clone(
    from: string,
    to: string,
    options: {
      sourceIsLive?: boolean;
      withoutWal?: boolean;
      walFrom?: string;
      onProgress?: OnProgress | undefined;
      /** Around the copying itself, once nothing has to be waited for any more. */
      during?: (copy: () => Promise<void>) => Promise<void>;
    } = {},
  ): Promise<void> {
    if (this.#isClosed) throw new Error("the engine stops");
    const id = this.#nextId++;
    const request = {
      id,
      from,
      to,
      method: this.method,
      skip,
      emptied: options.withoutWal ? [...emptied, "pg_wal"] : emptied,
      walFrom: options.walFrom,
      sourceIsLive: options.sourceIsLive ?? false,
      tellsProgress: options.onProgress !== undefined,
      owner: this.#owner,
    };
    const copy = () =>
      new Promise<void>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject, onProgress: options.onProgress });
        this.#startWorker().postMessage(request);
      });
    const { during = (work) => work() } = options;
    try {
      // The thread makes reflinks one copy after the other: who freezes a server for it must be the next.
      if (this.method === "reflink") await this.#turns.run(() => during(copy));
      else await during(copy);
      await chmod(to, 0o700);
      if (!options.withoutWal) await this.#makeDurable(to);
    } catch (error) {
      await rm(to, { recursive: true, force: true });
      throw errnoOf(error) === "ENOSPC" ? diskFull(error) : error;
    }
  }

  /** The thread has synced the directory of reflinks. */
  async #makeDurable(path: string): Promise<void> {
    if (this.method === "reflink" && (await syncsReflinksWithDirectory(path))) return;
    await syncVolume(path);
  }

  /** What is being copied, or asked for later, fails. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  #startWorker(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(new URL("./clone-worker.mjs", import.meta.url));
    worker.unref();
    worker.on("message", (message) => this.#onMessage(message));
    // Its requests are another thread's by the time that it ends.
    const failOwn = (error: Error) => {
      if (this.#worker === worker) this.#failAll(error);
    };
    worker.on("error", failOwn);
    worker.on("exit", () => failOwn(new Error("the copying thread ended")));
    this.#worker = worker;
    return worker;
  }

  #onMessage(message: {
    id: number;
    progress?: { copied: number; total: number };
    error?: { code?: string; message: string };
  }): void {
    const waiting = this.#waiting.get(message.id);
    if (!waiting) return;
    if (message.progress) {
      const { copied, total } = message.progress;
      waiting.onProgress?.(copied, total);
      return;
    }
    this.#waiting.delete(message.id);
    if (message.error) {
      const error = new Error(message.error.message) as NodeJS.ErrnoException;
      if (message.error.code) error.code = message.error.code;
      waiting.reject(error);
    } else waiting.resolve();
  }

  #failAll(error: Error): void {
    this.#worker = undefined;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
