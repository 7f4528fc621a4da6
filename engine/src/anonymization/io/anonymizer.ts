import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  begun,
  failed,
  finished,
  isUnmasked,
  refuseNoRules,
  refuseRules,
} from "../../control-plane/anonymization-rules.ts";
import { findDatabase } from "../../control-plane/io/branch-sql.ts";
import type { Takes } from "../../control-plane/io/services.ts";
import { EngineError, notFound, throwIf } from "../../lib/engine-error.ts";
import { describeFailure } from "../../masking/failure.ts";
import { checkRules } from "../../masking/io/check-rules.ts";
import { type Masker, maskDatabase } from "../../masking/io/mask-database.ts";
import { newDataDir, newPassword } from "../../model/ids.ts";
import type { MaskingRule } from "../../model/masking-rule.ts";
import type { Anonymization, BranchRecord } from "../../model/records.ts";
import { adminRole } from "../../postgres/io/admin.ts";
import type { Compute } from "../../postgres/io/compute.ts";
import { withoutSubscribing } from "../../postgres/io/subscriptions.ts";
import type { Catalog } from "../../storage/io/catalog.ts";

type AnonymizerServices = Takes<
  "records" | "locks" | "data" | "computes" | "history" | "operations" | "log"
>;

/**
 * Masks the data of anonymized branches. It works on a copy that nobody can connect to; the branch gets it in one step of the
 * catalog, masked, without the log of how it became so and without the way back to the source's past. Until then, and
 * whatever fails, nobody sees the branch's data.
 */
export class Anonymizer {
  readonly #services: AnonymizerServices;
  #pending: Promise<unknown> = Promise.resolve();
  readonly #progress = new Map<string, string>();

  constructor(services: AnonymizerServices) {
    this.#services = services;
  }

  /** What the API tells of a branch; refuses with 404 one that is no anonymized one. */
  status(projectId: string, branchId: string): { branch: BranchRecord; now: Anonymization } {
    const branch = this.#services.records.branch(projectId, branchId);
    const { anonymization } = branch;
    if (!anonymization) {
      throw new EngineError(
        404,
        "BRANCH_NOT_ANONYMIZED",
        `branch "${branch.name}" is not an anonymized branch`,
      );
    }
    const message = this.#progress.get(branchId);
    return { branch, now: message === undefined ? anonymization : { ...anonymization, message } };
  }

  async setRules(
    projectId: string,
    branchId: string,
    rules: MaskingRule[],
  ): Promise<MaskingRule[]> {
    const { records, locks, computes } = this.#services;
    const { branch } = this.status(projectId, branchId);
    throwIf(refuseRules(rules));
    await locks.with({ shared: [branchId] }, async () => {
      // Of one that is not masked nothing is read, not even by the engine, before it is about to be.
      if (!isUnmasked(branch)) await this.check(branch, computes.of(branchId), rules);
      await records.changeBranch(projectId, branchId, (now) => ({
        ...now,
        ...(now.anonymization && {
          anonymization: { ...now.anonymization, rules, updatedAt: new Date().toISOString() },
        }),
      }));
    });
    return rules;
  }

  /** Refuses rules that do not fit what the branch's databases hold. */
  async check(
    branch: BranchRecord,
    compute: Compute,
    rules: readonly MaskingRule[],
  ): Promise<void> {
    for (const [name, own] of byDatabase(rules)) {
      if (!findDatabase(branch, name)) throw notFound("database");
      await compute.admin(name, (client) => checkRules(client, own));
    }
  }

  /** Begins to mask; resolves as soon as that is remembered. */
  async start(projectId: string, branchId: string): Promise<void> {
    const { records, locks, log } = this.#services;
    throwIf(refuseNoRules(this.status(projectId, branchId).now.rules));
    await new Promise<void>((resolve, reject) => {
      const work = locks.with({ exclusive: [branchId] }, async () => {
        const at = new Date().toISOString();
        const before = records.branch(projectId, branchId);
        // Left behind by a crash, its files are whole only after a start.
        if (!isUnmasked(before)) await this.#services.computes.of(branchId).ensureRunning();
        await records.changeBranch(
          projectId,
          branchId,
          changed((now) => begun(now, at)),
        );
        resolve();
        await this.#run(projectId, branchId);
      });
      work.catch((error: Error) => {
        log(`anonymizing ${branchId} failed: ${error.message}`);
        reject(error);
      });
      this.#pending = Promise.allSettled([this.#pending, work]);
    });
  }

  /** Resolves when nothing is being masked any more. */
  async settled(): Promise<void> {
    await this.#pending;
  }

  async #run(projectId: string, branchId: string): Promise<void> {
    const { records, computes, data } = this.#services;
    const now = () => new Date().toISOString();
    const branch = records.branch(projectId, branchId);
    let copy: string | undefined;
    try {
      // From now on nothing starts on it, nor on its replicas: see ComputePool.
      await computes.stopReplicasOf(branchId);
      copy = await computes.of(branchId).whileStopped(() => data.copyOf(data.path(branch.dataDir)));
      const done = await this.#mask(branch, copy);
      const masked = copy;
      await records.changeBranch(projectId, branchId, (before) => {
        const { copiedFrom: _, ...rest } = changed((old) => finished(old, now(), done))(before);
        return { ...rest, dataDir: masked };
      });
    } catch (error) {
      if (copy !== undefined) await data.discard(copy);
      const message = describeFailure(error);
      await records.changeBranch(
        projectId,
        branchId,
        changed((old) => failed(old, now(), message)),
      );
      return;
    } finally {
      this.#progress.delete(branchId);
    }
    await data.discard(branch.dataDir);
    this.#services.history.takeFirst(branchId);
    await this.#services.operations.add({ projectId, branchId, action: "apply_config" }, now());
  }

  async #mask(branch: BranchRecord, dataDir: string): Promise<Masked> {
    const { computes, data } = this.#services;
    const masker: Masker = { user: `ds_mask_${newDataDir()}`, password: newPassword() };
    const rules = branch.anonymization?.rules ?? [];
    const path = data.path(dataDir);
    const admitted = await admitOnly(path, [adminRole, masker.user]);
    const server = computes.apart({ ...branch, dataDir }, admitted.settings);
    const salt = computes.saltOf(branch.projectId);
    const onTable = this.#progressOf(branch.id, rules);
    const sum: Masked = { tables: 0, columns: 0 };
    try {
      for (const [database, own] of byDatabase(rules)) {
        const done = await maskDatabase({ server, masker, salt, onTable }, database, own);
        sum.tables += done.tables;
        sum.columns += done.columns;
      }
      // The log before this is not needed any more, and goes.
      await server.admin("postgres", async (client) => {
        await client.query("select pg_switch_wal()");
        await client.query("checkpoint");
      });
    } finally {
      await computes.endApart(server);
    }
    await admitted.remove();
    return sum;
  }

  #progressOf(branchId: string, rules: readonly MaskingRule[]): (table: string) => void {
    const total = new Set(
      rules.map((rule) => JSON.stringify([rule.database_name, rule.schema_name, rule.table_name])),
    ).size;
    let at = 0;
    return (table) => {
      at = Math.min(at + 1, total);
      this.#progress.set(branchId, `Anonymizing table ${table} (${at}/${total})`);
    };
  }
}

interface Masked {
  tables: number;
  columns: number;
}

function byDatabase(rules: readonly MaskingRule[]): Map<string, MaskingRule[]> {
  const found = new Map<string, MaskingRule[]>();
  for (const rule of rules) {
    found.set(rule.database_name, [...(found.get(rule.database_name) ?? []), rule]);
  }
  return found;
}

/** Lets a server on these files know nobody but these roles, and write nothing of its rows into its log. */
async function admitOnly(dataDir: string, roles: readonly string[]) {
  const file = join(dataDir, "ds_admitted.conf");
  const lines = roles.map((role) => `host all "${role}" 127.0.0.1/32 scram-sha-256\n`);
  // Postgres runs as another user, and the directory is that one's alone.
  await writeFile(file, lines.join(""), { mode: 0o644 });
  return {
    settings: {
      hba_file: file,
      autovacuum: "off",
      wal_keep_size: "0",
      log_min_messages: "fatal",
      log_min_error_statement: "panic",
      ...withoutSubscribing,
    },
    remove: () => rm(file, { force: true }),
  };
}

const changed =
  (change: (now: Anonymization) => Anonymization) =>
  (branch: BranchRecord): BranchRecord =>
    branch.anonymization ? { ...branch, anonymization: change(branch.anonymization) } : branch;

/** What was being masked when an engine ended is not masked, and its copy is gone. */
export async function failInterrupted(catalog: Catalog): Promise<void> {
  const at = new Date().toISOString();
  const message =
    "the engine stopped while the branch was being anonymized; nothing was masked. Start it again";
  await catalog.commit(() => ({
    branches: [...catalog.branches.values()]
      .filter(({ anonymization }) => anonymization?.state === "anonymizing")
      .map((branch) => catalog.withEndpoints(changed((now) => failed(now, at, message))(branch))),
  }));
}
