import { createHash } from "node:crypto";
import { readJson, writeFileAtomic } from "../../lib/io/files.ts";
import { Mutex } from "../../lib/rw-lock.ts";
import { StartError } from "../../lib/start-error.ts";
import { newDatabaseId, newSecret } from "../../model/ids.ts";
import type { ApiKeyRecord } from "../../model/records.ts";
import type { Home } from "../home.ts";
import { apiKeys, misfit } from "../record-schemas.ts";

/** How exactly the last use of a key is written down. */
const worthNotingMs = 60_000;

/** The keys that were made with the API, beside the home's own. */
export class ApiKeys {
  readonly #path: string;
  readonly #writing = new Mutex();
  #records: readonly ApiKeyRecord[];

  private constructor(path: string, records: readonly ApiKeyRecord[]) {
    this.#path = path;
    this.#records = records;
  }

  /** Refuses the start where the file is damaged: a key that was revoked must not come back. */
  static async open({ madeApiKeysFile: path }: Home): Promise<ApiKeys> {
    let found: unknown;
    try {
      found = (await readJson<unknown>(path)) ?? [];
    } catch (error) {
      throw damaged(path, (error as Error).message);
    }
    const wrong = misfit(apiKeys, found);
    if (wrong) throw damaged(path, wrong);
    return new ApiKeys(path, found as ApiKeyRecord[]);
  }

  /** Newest first. */
  list(): ApiKeyRecord[] {
    return [...this.#records].reverse();
  }

  /** The key is returned this once. */
  async create(name: string): Promise<{ record: ApiKeyRecord; key: string }> {
    const key = `ds_${newSecret()}`;
    const createdAt = new Date().toISOString();
    const record = { id: newDatabaseId(), name, digest: digestOf(key), createdAt };
    await this.#change((records) => [...records, record]);
    return { record, key };
  }

  /** The key as it was; undefined when there is none of that id (any more). */
  async revoke(id: number): Promise<ApiKeyRecord | undefined> {
    const revoked = this.#records.find((record) => record.id === id);
    await this.#change((records) => records.filter((record) => record.id !== id));
    return revoked;
  }

  /** Whether a key is one of these; notes that it was used, and from where. */
  admits(key: string, from: string | undefined): boolean {
    const digest = digestOf(key);
    const known = this.#records.find((record) => record.digest === digest);
    if (known) this.#noteUse(known, from);
    return known !== undefined;
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    await this.#writing.run(async () => {});
  }

  #noteUse({ id, lastUsedAt }: ApiKeyRecord, from: string | undefined): void {
    const now = Date.now();
    if (lastUsedAt !== undefined && now - Date.parse(lastUsedAt) < worthNotingMs) return;
    const use = { lastUsedAt: new Date(now).toISOString(), ...(from && { lastUsedFrom: from }) };
    const noted = (records: readonly ApiKeyRecord[]) =>
      records.map((record) => (record.id === id ? { ...record, ...use } : record));
    this.#records = noted(this.#records);
    // Without a note of its use on the disk, a key is as good.
    this.#change(noted).catch(() => {});
  }

  /** What is in force is what is written. */
  async #change(
    change: (records: readonly ApiKeyRecord[]) => readonly ApiKeyRecord[],
  ): Promise<void> {
    await this.#writing.run(async () => {
      const changed = change(this.#records);
      await writeFileAtomic(this.#path, `${JSON.stringify(changed, null, 2)}\n`);
      this.#records = changed;
    });
  }
}

/** A key is random, so that one round of a fast digest is enough. */
const digestOf = (key: string): string => createHash("sha256").update(key).digest("hex");

function damaged(path: string, says: string): StartError {
  return new StartError(
    "CONFIG_INVALID",
    `${path} has no list of API keys (${says}).`,
    "Remove it: keys that were made with the API are refused then, and have to be made anew",
  );
}
