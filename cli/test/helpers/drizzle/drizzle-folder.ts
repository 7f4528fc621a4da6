import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FolderFormat } from "../../../src/migrations/folder/migration.ts";

export interface FolderEntry {
  /** `0001_a`, or `20260101000000_a`. */
  name: string;
  /** v0: the journal's. */
  when: number;
  sql: string;
  /** The name on disk, where it is another one. */
  file?: string;
}

/** Writes a migrations folder anew, as drizzle-kit lays it out. */
export function writeDrizzleFolder(
  path: string,
  format: FolderFormat,
  entries: readonly FolderEntry[],
): void {
  rmSync(path, { recursive: true, force: true });
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  };
  for (const { name, sql, file = name } of entries) {
    write(format === "v0" ? `${file}.sql` : `${file}/migration.sql`, sql);
  }
  if (format === "v1") return;
  const listed = entries.map(({ name, when }, idx) => ({
    ...{ idx, version: "7", when, tag: name, breakpoints: true },
  }));
  write(
    "meta/_journal.json",
    JSON.stringify({ version: "7", dialect: "postgresql", entries: listed }),
  );
}
