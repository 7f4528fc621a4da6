import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { TemporaryFolder } from "../../../../scripts/test-support/temporary-folder.ts";

/** A folder of v0 migrations, made when a test first writes into it; times are a second apart, in order of number. */
export class TestFolder {
  readonly path: string;
  private readonly tags: string[] = [];
  private readonly otherTimes = new Map<string, number>();

  constructor(path = new TemporaryFolder("ds-test-drizzle-").path) {
    this.path = path;
  }

  /** For who reads it before anything was written. */
  make(): this {
    mkdirSync(this.path, { recursive: true });
    return this;
  }

  /** `tag` begins with its number; its file may come in any order, the journal is sorted. */
  add(tag: string, sql: string): this {
    this.tags.push(tag);
    this.tags.sort();
    this.edit(`${tag}.sql`, sql);
    return this.writeJournal();
  }

  /** Times otherwise than by number: each is so many seconds behind the first. */
  times(seconds: Record<string, number>): this {
    for (const [tag, second] of Object.entries(seconds)) {
      this.otherTimes.set(tag, TestFolder.when("0000") + second * 1000);
    }
    return this.writeJournal();
  }

  /** As if it had never been generated. */
  takeOut(tag: string): this {
    this.tags.splice(this.tags.indexOf(tag), 1);
    rmSync(join(this.path, `${tag}.sql`));
    return this.writeJournal();
  }

  private writeJournal(): this {
    const entries = this.tags.map((name, idx) => ({
      idx,
      version: "7",
      when: this.otherTimes.get(name) ?? TestFolder.when(name),
      tag: name,
      breakpoints: true,
    }));
    this.edit(
      "meta/_journal.json",
      JSON.stringify({ version: "7", dialect: "postgresql", entries }),
    );
    return this;
  }

  edit(file: string, text: string): void {
    mkdirSync(dirname(join(this.path, file)), { recursive: true });
    writeFileSync(join(this.path, file), text);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  static when(tag: string): number {
    return Date.UTC(2026, 0, 1, 0, 0, 0, 123) + Number(tag.slice(0, 4)) * 1000;
  }
}
