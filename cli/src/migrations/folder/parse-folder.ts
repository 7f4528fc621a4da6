import { createHash } from "node:crypto";
import { DsError } from "../../errors/ds-error.ts";
import { wantsNoTransaction } from "../sql/parsed-statement.ts";
import { controlsTransaction, placeOf, splitStatements } from "../sql/split-statements.ts";
import type { Migration, MigrationFolder } from "./migration.ts";

/** What was found on disk, before any of it is believed. */
export interface FolderListing {
  /** The folder as people name it; every message starts with it. */
  path: string;
  /** Text of `meta/_journal.json`, undefined when there is none. */
  journal: string | undefined;
  /** SQL files by path relative to the folder: `0001_a.sql`, `20261122231314_a/migration.sql`. */
  sql: Map<string, Uint8Array>;
  /** Sub-folders named like a v1 migration, with something in them. */
  folders: string[];
}

/** The range of a Date, in milliseconds around 1970. */
const latestDate = 8.64e15;

interface JournalEntry {
  tag: string;
  when: number;
}

/** Both formats as one list in the order they run. All that is wrong is reported at once. */
export function parseFolder(listing: FolderListing): MigrationFolder {
  const problems: string[] = [];
  const folder =
    listing.journal === undefined
      ? parseV1(listing, problems)
      : parseV0(listing, listing.journal, problems);
  for (const migration of folder.migrations) {
    problems.push(...conflictMarkers(migration.file, migration.sql));
  }
  if (problems.length > 0) throw folderRefused(listing.path, problems);
  return folder;
}

function parseV0(listing: FolderListing, journal: string, problems: string[]): MigrationFolder {
  const journalPath = `${listing.path}/meta/_journal.json`;
  const entries = parseJournal(journalPath, journal, problems);
  if (listing.folders.length > 0) {
    problems.push(
      `${listing.path} mixes both of Drizzle's formats: meta/_journal.json and ${listing.folders[0]}/`,
    );
  }
  const numbers = new Map<string, string>();
  for (const { tag } of entries) {
    const number = /^\d+(?=_|$)/.exec(tag)?.[0] ?? tag;
    const other = numbers.get(number);
    if (other !== undefined) {
      problems.push(`${journalPath}: the number ${number} is used twice: ${other} and ${tag}`);
    }
    numbers.set(number, tag);
  }

  const migrations: Migration[] = [];
  const listed = new Set<string>();
  for (const { tag, when } of entries) {
    const relative = `${tag}.sql`;
    listed.add(relative);
    const bytes = listing.sql.get(relative);
    if (bytes === undefined) {
      problems.push(`${listing.path}/${relative} is missing, but the journal lists it`);
      continue;
    }
    const file = `${listing.path}/${relative}`;
    migrations.push(
      migration({ name: tag, ledgerName: upgradedName(tag, when), file, when }, bytes),
    );
  }
  return { format: "v0", migrations, orphans: orphans(listing, listed) };
}

function parseV1(listing: FolderListing, problems: string[]): MigrationFolder {
  const migrations: Migration[] = [];
  const listed = new Set<string>();
  const stray = [...listing.sql.keys()].find((path) => /^\d+_[^/]*\.sql$/.test(path));
  if (listing.folders.length === 0 && stray !== undefined) {
    problems.push(`${listing.path}/meta/_journal.json is missing, though there is ${stray}`);
  }
  for (const name of [...listing.folders].sort()) {
    const relative = `${name}/migration.sql`;
    listed.add(relative);
    const bytes = listing.sql.get(relative);
    const file = `${listing.path}/${relative}`;
    const when = timeOfFolder(name);
    if (bytes === undefined) problems.push(`${file} is missing`);
    else if (Number.isNaN(when)) problems.push(`${file}: ${name.slice(0, 14)} is not a time`);
    else migrations.push(migration({ name, ledgerName: name, file, when }, bytes));
  }
  return { format: "v1", migrations, orphans: orphans(listing, listed) };
}

function parseJournal(path: string, text: string, problems: string[]): JournalEntry[] {
  const markers = conflictMarkers(path, text);
  if (markers.length > 0) {
    problems.push(...markers);
    return [];
  }
  let journal: { dialect?: unknown; entries?: unknown };
  try {
    journal = JSON.parse(text);
  } catch (error) {
    problems.push(`${path} is not JSON: ${(error as Error).message}`);
    return [];
  }
  const { dialect = "postgresql" } = journal ?? {};
  if (dialect !== "postgresql" && dialect !== "pg") {
    problems.push(`${path} is of another database: its dialect is ${JSON.stringify(dialect)}`);
  }
  if (!Array.isArray(journal?.entries)) {
    problems.push(`${path} has no list of entries`);
    return [];
  }
  return journal.entries.filter((entry, index): entry is JournalEntry => {
    // The tag becomes a file name: nothing in it may lead out of the folder.
    const valid =
      typeof entry?.tag === "string" &&
      /^[^/\\\0]+$/.test(entry.tag) &&
      Number.isInteger(entry.when) &&
      Math.abs(entry.when) <= latestDate;
    if (!valid) problems.push(`${path}: entry ${index} has no usable "tag" and "when"`);
    return valid;
  });
}

function migration(
  identity: Pick<Migration, "name" | "ledgerName" | "file" | "when">,
  bytes: Uint8Array,
): Migration {
  const sql = Buffer.from(bytes).toString("utf8");
  const lf = sql.replaceAll("\r\n", "\n");
  const hash = sha256(bytes);
  return {
    ...identity,
    hash,
    sameContent: [hash, sha256(lf), sha256(lf.replaceAll("\n", "\r\n"))],
    sql,
  };
}

function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** The folder that `drizzle-kit up` makes of a journal entry, which is the v1 ledger's name for it. */
export function upgradedName(tag: string, when: number): string {
  const digits = new Date(when).toISOString().replace(/\D/g, "").slice(0, 14);
  return `${digits}_${tag.split("_").slice(1).join("_")}`;
}

function timeOfFolder(name: string): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})/.exec(name)?.map(Number) ?? [];
  if (year === undefined) return Number.NaN;
  return Date.UTC(year, (month ?? 1) - 1, day, hour, minute, second);
}

function orphans({ path, sql }: FolderListing, listed: Set<string>): string[] {
  return [...sql.keys()]
    .filter((file) => !listed.has(file))
    .map((file) => `${path}/${file}`)
    .sort();
}

/** `=======` alone is a common underline in comments, so the outer two decide. */
function conflictMarkers(path: string, text: string): string[] {
  const match = /^(?:<{7}|>{7})(?: |\r?$)/m.exec(text);
  if (match === null) return [];
  return [`${path}:${placeOf(text, match.index).line} holds a conflict marker of a git merge`];
}

/** Files that would reach the server as something else than what they say. */
export function encodingProblems(migrations: Migration[]): string[] {
  return migrations.flatMap(({ file, sql, hash }) => {
    if (sql.includes("\0")) return [`${file} holds NUL characters: it is UTF-16, or no text`];
    if (sha256(sql) === hash) return [];
    return [`${file}:${placeOf(sql, sql.indexOf("\ufffd")).line} is not UTF-8`];
  });
}

/** Files whose own BEGIN or COMMIT would end the transaction that they are run in. */
export function transactionControl(migrations: Migration[]): string[] {
  return migrations.flatMap(({ file, sql }) => {
    const statement = splitStatements(sql).find(controlsTransaction);
    if (statement === undefined) return [];
    const { line, column } = placeOf(sql, statement.start);
    const word = statement.words[0]?.toUpperCase();
    const why = wantsNoTransaction(sql)
      ? "whose statements are each committed on their own (-- ds:no-transaction)"
      : "which is one transaction already";
    return [`${file}:${line}:${column}: ${word} inside a migration, ${why}`];
  });
}

export function folderRefused(path: string, problems: string[]): DsError {
  const [first, ...more] = problems;
  return new DsError(
    "MIGRATION_REFUSED",
    more.length === 0
      ? `${first}. Nothing was run.`
      : `The migrations folder ${path} has ${problems.length} problems, so nothing was run:\n${problems
          .map((problem) => `  - ${problem}`)
          .join("\n")}`,
    {
      hint: problems.some((problem) => / conflict marker | used twice/.test(problem))
        ? "After a git merge in which both sides generated a migration: ds db rebase"
        : "Repair the files, then run the command again.",
      details: { problems },
    },
  );
}
