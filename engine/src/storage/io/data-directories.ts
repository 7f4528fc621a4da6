import {
  chown,
  copyFile,
  readdir,
  readFile,
  rename,
  rm,
  statfs,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { exists } from "../../lib/io/files.ts";
import type { CloneMethod } from "../../model/clone-method.ts";
import type { Fork } from "../../model/fork.ts";
import { newDataDir } from "../../model/ids.ts";
import { isSegment, segmentOfLabel } from "../../model/lsn.ts";
import { asAdmin } from "../../postgres/io/admin.ts";
import type { Compute } from "../../postgres/io/compute.ts";
import { firstRequiredSegment } from "../../postgres/io/control-file.ts";
import type { PostgresUser } from "../../postgres/io/os-user.ts";
import { readContents } from "../../postgres/io/roles.ts";
import type { Home } from "../home.ts";
import { type CloneProgress, type Cloner, syncVolume } from "./clone.ts";
import { whileFrozen } from "./freeze.ts";

/** Copies, and in the end removes, the data directories of branches. */
export class BranchData {
  readonly #home: Home;
  readonly #cloner: Cloner;
  readonly #user: PostgresUser | undefined;
  readonly #adminPassword: string;
  #emptying: Promise<void> = Promise.resolve();
  #keepsAll = false;

  constructor(home: Home, cloner: Cloner, user: PostgresUser | undefined, adminPassword: string) {
    this.#home = home;
    this.#cloner = cloner;
    this.#user = user;
    this.#adminPassword = adminPassword;
  }

  path(dataDir: string): string {
    return join(this.#home.pgdata, dataDir);
  }

  get method(): CloneMethod {
    return this.#cloner.method;
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#home.pgdata);
    return bavail * bsize;
  }

  /** A copy of a directory that no server runs on, in a directory of pgdata/ that is returned. */
  async copyOf(directory: string): Promise<string> {
    const dataDir = newDataDir();
    await this.#cloner.clone(directory, this.path(dataDir));
    return dataDir;
  }

  /**
   * A copy of the source as it is now. When the server runs: on a volume with reflinks it is held
   * still for the few milliseconds that takes; elsewhere the backup API makes a sound copy while it
   * goes on working.
   */
  async fork(
    source: { dataDir: string; compute: Compute; isCurrent?: () => boolean },
    onProgress: (progress: CloneProgress) => void = () => {},
  ): Promise<Fork> {
    const dataDir = newDataDir();
    const from = this.path(source.dataDir);
    const to = this.path(dataDir);
    await this.#recoverCrashed(source);
    return source.compute.holdSteady(async (running) => {
      // From here on no restore can exchange it, and no server can start on it.
      if (source.isCurrent?.() === false) throw new Error("its data was exchanged meanwhile");
      if (!running) {
        await this.#cloner.clone(from, to, {
          walFrom: await firstRequiredSegment(from),
          onProgress,
        });
        const at = new Date().toISOString();
        return { dataDir, at, copiedFrom: source.dataDir, wasAsleep: true };
      }
      const address = { port: running.port, password: this.#adminPassword };
      return asAdmin(address, "postgres", async (client) => {
        const copied = await source.compute.oneCopyAtATime(() =>
          this.#cloner.method === "reflink"
            ? this.#copyFrozen(client, running.pid, from, to)
            : this.#copyByBackup(client, from, to, onProgress),
        );
        return { dataDir, copiedFrom: source.dataDir, ...copied };
      });
    });
  }

  /**
   * A server that was killed leaves its pid file, and perhaps a backend that still writes. Started again
   * it is whole and can be copied like any other; Postgres refuses to start beside such a backend.
   */
  async #recoverCrashed({ dataDir, compute }: { dataDir: string; compute: Compute }) {
    const pidFile = join(this.path(dataDir), "postmaster.pid");
    if (!compute.isRunning && (await exists(pidFile))) await compute.ensureRunning();
  }

  async #copyFrozen(client: pg.Client, pid: number, from: string, to: string) {
    // Little is left to recover then, and the write-ahead log before it need not be copied.
    await client.query("checkpoint");
    const contents = await readContents(client);
    const walFrom = await firstRequiredSegment(from);
    await this.#cloner.clone(from, to, { walFrom, during: (copy) => whileFrozen(pid, copy) });
    const at = new Date().toISOString();
    return { at, contents, lsnAfter: (await readContents(client)).lsn };
  }

  async #copyByBackup(
    client: pg.Client,
    from: string,
    to: string,
    onProgress: (progress: CloneProgress) => void,
  ) {
    try {
      // The temporary slot keeps the log of the whole copy on disk; it goes with the connection.
      await client.query("select pg_create_physical_replication_slot($1, true, true)", [
        `ds_copy_${newDataDir()}`,
      ]);
      await client.query("select pg_backup_start('ds branch', true)");
      await this.#cloner.clone(from, to, { sourceIsLive: true, withoutWal: true, onProgress });
      const contents = await readContents(client);
      const { rows } = await client.query<{ labelfile: string }>(
        "select labelfile from pg_backup_stop(false)",
      );
      const { labelfile } = rows[0] as { labelfile: string };
      await this.#copyControlFile(from, to);
      await this.#copyWal(from, to, segmentOfLabel(labelfile));
      // Recovery takes what was committed until the log was copied.
      const at = new Date().toISOString();
      await this.#write(join(to, "backup_label"), labelfile);
      await syncVolume(to);
      return { at, contents, lsnAfter: (await readContents(client)).lsn };
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

  async #copyWal(from: string, to: string, first: string): Promise<void> {
    for (const name of await readdir(join(from, "pg_wal"))) {
      const isNeeded = isSegment(name)
        ? name.slice(8) >= first.slice(8)
        : name.endsWith(".history");
      if (!isNeeded) continue;
      const target = join(to, "pg_wal", name);
      await copyFile(join(from, "pg_wal", name), target);
      if (this.#user) await chown(target, this.#user.uid, this.#user.gid);
    }
  }

  async #write(path: string, text: string): Promise<void> {
    await writeFile(path, text, { mode: 0o600 });
    if (this.#user) await chown(path, this.#user.uid, this.#user.gid);
  }

  /** Takes a directory out of sight at once; its blocks are freed in the background. */
  async discard(dataDir: string): Promise<void> {
    if (this.#keepsAll) return;
    const { trash, history } = this.#home;
    await rename(this.path(dataDir), join(trash, dataDir)).catch(() => {});
    await rename(join(history, dataDir), join(trash, `${dataDir}.history`)).catch(() => {});
    this.emptyTrash();
  }

  /** From now on nothing is discarded: the next start knows better what nothing refers to. */
  keepAll(): void {
    this.#keepsAll = true;
  }

  /** Bases that were taken while the data they belong to was discarded. */
  async discardHistory(dataDir: string): Promise<void> {
    const { trash, history } = this.#home;
    await rename(join(history, dataDir), join(trash, `${dataDir}.${newDataDir()}`)).catch(() => {});
    this.emptyTrash();
  }

  emptyTrash(): void {
    this.#emptying = this.#emptying.then(async () => {
      for (const name of await readdir(this.#home.trash).catch(() => [])) {
        await rm(join(this.#home.trash, name), {
          recursive: true,
          force: true,
          maxRetries: 3,
        }).catch(() => {});
      }
    });
  }

  /** Waits until what was discarded is gone. */
  async settled(): Promise<void> {
    await this.#emptying;
  }
}
