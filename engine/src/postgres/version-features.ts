/** Major versions of PostgreSQL that a project may ask for. */
export const oldestMajor = 14;
export const newestMajor = 18;

/** The first major version with it: the one place where ds tells versions of PostgreSQL apart. */
const since = {
  /** pg_backup_start and pg_backup_stop, which were pg_start_backup and pg_stop_backup. */
  backupNames: 15,
  /** Memberships say what they are good for, and a role that creates roles cannot grant itself any. */
  membershipOptions: 16,
  /** Who is no superuser may subscribe: pg_create_subscription. */
  subscriptionRole: 16,
  /** `initdb --locale-provider=builtin` */
  builtinLocales: 17,
  /** `pg_logical_emit_message(…, flush)` */
  emitFlush: 17,
  /** Summaries of the log, which tell the pages that it changes: summarize_wal. */
  logSummaries: 17,
  /** io_method */
  ioMethod: 18,
  /** autovacuum_worker_slots */
  autovacuumSlots: 18,
  /** Extensions are found in other folders than the server's own: extension_control_path. */
  extensionPaths: 18,
};

export function hasFeature(major: number, feature: keyof typeof since): boolean {
  return major >= since[feature];
}

/** Around a copy of a data directory whose server goes on; the session has to be the same one. */
export function backupStatements(major: number): { start: string; stop: string } {
  return hasFeature(major, "backupNames")
    ? {
        start: "select pg_backup_start('ds branch', true)",
        stop: "select labelfile from pg_backup_stop(false)",
      }
    : {
        start: "select pg_start_backup('ds branch', true, false)",
        stop: "select labelfile from pg_stop_backup(false, false)",
      };
}
