import { nothingChanged } from "../../errors/nothing-changed.ts";
import { contentHashes, contentKey, sha256 } from "../folder/content-hash.ts";
import type { Migration, MigrationFolder } from "../folder/migration.ts";
import { splitStatements } from "../sql/split-statements.ts";

/** Files of a migrations folder by path relative to it. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** SQL of this side: what the other one does not have, neither by path nor by content. */
export function ownSql(files: Files, kept: Files): Map<string, string> {
  const key = (bytes: Uint8Array) => contentKey(Buffer.from(bytes).toString("utf8"));
  const known = new Set([...kept].filter(([name]) => isSql(name)).map(([, bytes]) => key(bytes)));
  return new Map(
    [...files]
      .filter(([name, bytes]) => isSql(name) && !known.has(key(bytes)))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, bytes]) => [name, Buffer.from(bytes).toString("utf8")]),
  );
}

/** Belongs to what a generator writes and reads, as opposed to a README beside it. */
export function isGenerated(name: string, own: ReadonlySet<string>): boolean {
  if (own.has(name) || name.startsWith("meta/")) return true;
  // v1 keeps a snapshot beside each migration's SQL.
  const [folder = "", file] = name.split("/");
  return file !== undefined && own.has(`${folder}/migration.sql`);
}

/** As if it had been generated on top of the others: for a trial, never for a ledger. */
export function asMigrations(
  own: ReadonlyMap<string, string>,
  after: MigrationFolder,
): Migration[] {
  const newest = Math.max(0, ...after.migrations.map(({ when }) => when));
  return [...own].map(([file, sql], index) => {
    const name = migrationName(file);
    const hash = sha256(sql);
    const when = newest + 1000 * (index + 1);
    return { name, ledgerName: name, file, when, hash, sameContent: contentHashes(sql), sql };
  });
}

/** `0004_due_date.sql` or `20261122231314_due_date/migration.sql` -> `due_date`. */
export function bareName(file: string): string {
  return migrationName(file).replace(/^\d+_?/, "");
}

export function migrationName(file: string): string {
  return file.replace(/\/migration\.sql$|\.sql$/, "");
}

/** A generator writes definitions alone: what else a migration does would be lost. */
export function refuseWhatIsLost(own: ReadonlyMap<string, string>): void {
  const defines = new Set(["create", "alter", "drop", "comment"]);
  const lost = [...own].flatMap(([file, sql]) => {
    const other = splitStatements(sql).find(({ words: [first = ""] }) => !defines.has(first));
    return other === undefined
      ? []
      : [`${file} (${other.words[0]?.toUpperCase() ?? "a statement"})`];
  });
  if (lost.length === 0) return;
  throw nothingChanged(
    "MIGRATION_REFUSED",
    `${lost.join(", ")}: a generator cannot write that again, so it would be lost`,
    {
      reason: "STATEMENTS_LOST",
      hint: "Take these statements out into a migration of their own that you add after the rebase (drizzle-kit generate --custom)",
      details: { lost },
    },
  );
}

const isSql = (name: string) => /^[^/]+\.sql$|^[^/]+\/migration\.sql$/.test(name);
