import { contentHashes, sha256 } from "./content-hash.ts";
import type { Migration, MigrationFolder } from "./migration.ts";
import { FolderInvalid, type FolderProblem } from "./problem.ts";
import { conflictMarkers } from "./sql-problems.ts";

/** What was found on disk, before any of it is believed. */
export interface FolderListing {
  /** The folder as people name it; every message starts with it. */
  path: string;
  /** Text of `meta/_journal.json`, undefined when there is none. */
  journal: string | undefined;
  /** SQL files by path relative to the folder: `0001_a.sql`, `20261122231314_a/migration.sql`. */
  sql: Map<string, Uint8Array>;
  /** Sub-folders with a migration.sql, and those that are named like a v1 migration and not empty. */
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
  const problems: FolderProblem[] = [];
  const folder =
    listing.journal === undefined
      ? parseV1(listing, problems)
      : parseV0(listing, listing.journal, problems);
  for (const migration of folder.migrations) {
    problems.push(...conflictMarkers(migration.file, migration.sql));
  }
  if (problems.length > 0) throw new FolderInvalid(listing.path, problems);
  return folder;
}

function parseV0(
  listing: FolderListing,
  journal: string,
  problems: FolderProblem[],
): MigrationFolder {
  const journalPath = `${listing.path}/meta/_journal.json`;
  const entries = parseJournal(journalPath, journal, problems);
  const other = listing.folders.find((name) => /^\d{14}(?:_|$)/.test(name));
  if (other !== undefined) {
    const text = `${listing.path} mixes both of Drizzle's formats: meta/_journal.json and ${other}/`;
    problems.push({ reason: "FORMATS_MIXED", file: listing.path, text });
  }
  const migrations: Migration[] = [];
  const listed = new Set<string>();
  const tags = new Set<string>();
  for (const { tag, when } of entries) {
    if (tags.has(tag.normalize())) {
      const text = `${journalPath} lists ${tag} twice`;
      problems.push({ reason: "TAG_TWICE", file: journalPath, text });
      continue;
    }
    tags.add(tag.normalize());
    const relative = fileNamed(`${tag}.sql`, listing);
    listed.add(relative);
    const bytes = listing.sql.get(relative);
    const file = `${listing.path}/${relative}`;
    if (bytes === undefined) {
      const text = `${file} is missing, but the journal lists it`;
      problems.push({ reason: "FILE_MISSING", file, text });
      continue;
    }
    migrations.push(
      migration({ name: tag, ledgerName: upgradedName(tag, when), file, when }, bytes),
    );
  }
  return { format: "v0", migrations, orphans: orphans(listing, listed) };
}

/** As it lies on disk: file systems and git may write `é` as one letter or as two. */
function fileNamed(name: string, { sql }: FolderListing): string {
  if (sql.has(name)) return name;
  return [...sql.keys()].find((file) => file.normalize() === name.normalize()) ?? name;
}

function parseV1(listing: FolderListing, problems: FolderProblem[]): MigrationFolder {
  const migrations: Migration[] = [];
  const listed = new Set<string>();
  const stray = [...listing.sql.keys()].find((path) => /^\d+_[^/]*\.sql$/.test(path));
  if (listing.folders.length === 0 && stray !== undefined) {
    const file = `${listing.path}/meta/_journal.json`;
    const text = `${file} is missing, though there is ${stray}`;
    problems.push({ reason: "JOURNAL_MISSING", file, text });
  }
  // Drizzle's order: upper and lower case are no difference at first.
  for (const name of [...listing.folders].sort((a, b) => a.localeCompare(b))) {
    const relative = `${name}/migration.sql`;
    listed.add(relative);
    const bytes = listing.sql.get(relative);
    const file = `${listing.path}/${relative}`;
    const when = timeOfFolder(name);
    if (bytes === undefined) {
      problems.push({ reason: "FILE_MISSING", file, text: `${file} is missing` });
    } else if (Number.isNaN(when)) {
      const text = `${file}: ${name.slice(0, 14)} is not a time`;
      problems.push({ reason: "NO_TIME", file, text });
    } else migrations.push(migration({ name, ledgerName: name, file, when }, bytes));
  }
  return { format: "v1", migrations, orphans: orphans(listing, listed) };
}

function parseJournal(path: string, text: string, problems: FolderProblem[]): JournalEntry[] {
  const unreadable = (why: string) =>
    problems.push({ reason: "JOURNAL_UNREADABLE", file: path, text: `${path}${why}` });
  const markers = conflictMarkers(path, text);
  if (markers.length > 0) {
    problems.push(...markers);
    return [];
  }
  let journal: { dialect?: unknown; entries?: unknown };
  try {
    journal = JSON.parse(text);
  } catch (error) {
    unreadable(` is not JSON: ${(error as Error).message}`);
    return [];
  }
  const { dialect = "postgresql" } = journal ?? {};
  if (dialect !== "postgresql" && dialect !== "pg") {
    const shown = `${path} is of another database: its dialect is ${JSON.stringify(dialect)}`;
    problems.push({ reason: "OTHER_DIALECT", file: path, text: shown });
  }
  if (!Array.isArray(journal?.entries)) {
    unreadable(" has no list of entries");
    return [];
  }
  return journal.entries.filter((entry, index): entry is JournalEntry => {
    // The tag becomes a file name: nothing in it may lead out of the folder.
    const valid =
      typeof entry?.tag === "string" &&
      /^[^/\\\0]+$/.test(entry.tag) &&
      Number.isInteger(entry.when) &&
      Math.abs(entry.when) <= latestDate;
    if (!valid) unreadable(`: entry ${index} has no usable "tag" and "when"`);
    return valid;
  });
}

function migration(
  identity: Pick<Migration, "name" | "ledgerName" | "file" | "when">,
  bytes: Uint8Array,
): Migration {
  const sql = Buffer.from(bytes).toString("utf8");
  const hash = sha256(bytes);
  // Of a file that is not UTF-8 the text has another hash.
  return { ...identity, hash, sameContent: [hash, ...contentHashes(sql)], sql };
}

/** The folder that `drizzle-kit up` makes of a journal entry, which is the v1 ledger's name for it. */
export function upgradedName(tag: string, when: number): string {
  const digits = new Date(when).toISOString().replace(/\D/g, "").slice(0, 14);
  return `${digits}_${tag.split("_").slice(1).join("_")}`;
}

/** As Drizzle reads it: two digits each behind the year, of which the first may do. */
function timeOfFolder(name: string): number {
  const part = (from: number, to: number) => Number.parseInt(name.slice(from, to), 10);
  const [day, hour, minute, second] = [part(6, 8), part(8, 10), part(10, 12), part(12, 14)];
  return Date.UTC(part(0, 4), part(4, 6) - 1, day, hour, minute, second);
}

function orphans({ path, sql }: FolderListing, listed: Set<string>): string[] {
  return [...sql.keys()]
    .filter((file) => !listed.has(file))
    .map((file) => `${path}/${file}`)
    .sort();
}
