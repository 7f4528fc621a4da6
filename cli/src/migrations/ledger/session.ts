/** Another session of the server, as pg_stat_activity describes it. */
export interface Session {
  pid: number;
  application: string;
  /** `idle in transaction`, `active` ... */
  state: string;
  /** How long its transaction, or else the session, has lasted. */
  seconds: number;
}

export function describeSession({ application, pid, seconds, state }: Session): string {
  const name = application === "" ? "" : ` (${application})`;
  return `pid ${pid}${name}, ${state} for ${Math.round(seconds)} s`;
}

/** One whose lock a session waits for. */
export interface Blocker extends Session {
  /** The first words of its current or last statement. */
  query: string;
}

export function describeBlockers(blockers: readonly Blocker[]): string {
  if (blockers.length === 0) return "another session";
  return blockers
    .map((blocker) => `${describeSession(blocker)}, last statement: ${blocker.query}`)
    .join("; ");
}
