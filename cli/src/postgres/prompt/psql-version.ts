/** The major version of psql, where it is older than the server's; undefined where it fits, or cannot be read. */
export function olderPsql(printed: string, serverMajor: number): number | undefined {
  const major = Number(/\(PostgreSQL\) (\d+)/.exec(printed)?.[1]);
  return Number.isNaN(major) || major >= serverMajor ? undefined : major;
}

/** Where the usual packages put psql of one major version: PostgreSQL's for Debian and for Red Hat, Homebrew's, Postgres.app. */
export const psqlPlaces = (major: number, platform: NodeJS.Platform): string[] =>
  platform === "darwin"
    ? [
        `/opt/homebrew/opt/postgresql@${major}/bin/psql`,
        `/usr/local/opt/postgresql@${major}/bin/psql`,
        `/Applications/Postgres.app/Contents/Versions/${major}/bin/psql`,
      ]
    : [`/usr/lib/postgresql/${major}/bin/psql`, `/usr/pgsql-${major}/bin/psql`];
