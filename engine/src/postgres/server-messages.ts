/**
 * What Postgres and initdb say in words alone: to their log, before a client can connect and be sent a
 * SQLSTATE. Read from PostgreSQL 18, which the engine starts with messages in English (LC_ALL=C).
 */
const postgresSays = [
  /** Backends of a postmaster that was killed are still there: src/backend/port/sysv_shmem.c. */
  { says: /pre-existing shared memory block/, means: "BACKENDS_LEFT" },
  /** Somebody else has the port: src/backend/postmaster/postmaster.c. */
  { says: /could not create any TCP\/IP sockets/, means: "PORT_TAKEN" },
  /** The system's own words for ENOSPC, which both pass on. */
  { says: /No space left on device/, means: "DISK_FULL" },
] as const;

export type ServerMessageMeaning = (typeof postgresSays)[number]["means"];

export function serverMessageMeaning(message: string): ServerMessageMeaning | undefined {
  return postgresSays.find(({ says }) => says.test(message))?.means;
}

/** Single-user mode reports errors on stderr and still exits with 0. */
export function hasServerErrors(output: string): boolean {
  return /ERROR|FATAL/.test(output);
}

/**
 * The last thing that Postgres called FATAL, PANIC or ERROR in a log, or said before its log was open
 * (about settings that contradict each other).
 */
export function lastComplaint(log: string): string | undefined {
  const lines = log.split("\n");
  const complaint =
    lines.findLast((line) => /\b(FATAL|PANIC|ERROR):/.test(line)) ??
    lines.findLast((line) => line.startsWith("postgres: "));
  return complaint?.replace(/^(.*?(FATAL|PANIC|ERROR):|postgres:)\s*/, "");
}
