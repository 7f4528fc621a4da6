import type { Finding } from "./findings.ts";

/** The major version of the local engine's servers, and of new projects on Neon. */
const serverMajor = 18;

/** What `pg_dump --version` has printed, held against the servers; undefined where it fits, or cannot be read. */
export function clientToolsFinding(printed: string): Finding | undefined {
  const major = Number(/\(PostgreSQL\) (\d+)/.exec(printed)?.[1]);
  if (Number.isNaN(major) || major >= serverMajor) return undefined;
  return {
    check: "client tools",
    health: "warning",
    says: `pg_dump ${major} does not dump a PostgreSQL ${serverMajor} branch: it ends with "server version mismatch"`,
    fix: `ds needs none. For dumps of your own, put PostgreSQL ${serverMajor}'s client first in the PATH.`,
  };
}
