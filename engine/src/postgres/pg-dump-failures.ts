/** What pg_dump 18 says in words alone when it cannot go on. */
const pgDumpSays = [
  { says: /statement timeout|lock timeout/, means: "TABLE_LOCKED" },
  {
    says: /server closed the connection|terminating connection|shutting down/,
    means: "SERVER_GONE",
  },
] as const;

export interface PgDumpFailure {
  /** pg_dump's own words; the library (pglite-tools 0.4) puts others before them. */
  words: string;
  means: (typeof pgDumpSays)[number]["means"] | undefined;
}

export function readPgDumpFailure(text: string): PgDumpFailure {
  const words = text.replace(/^[\s\S]*?Error message: /, "").replace(/^pg_dump: (error: )?/, "");
  return { words, means: pgDumpSays.find(({ says }) => says.test(words))?.means };
}
