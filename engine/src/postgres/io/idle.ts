import type { Compute } from "./compute.ts";

/** Neon's default for `suspend_timeout_seconds` 0. */
const defaultTimeoutSeconds = 300;

/** Within the engine's rounds nothing may wait for a server that does not answer. */
export const roundsAnswerMs = 10_000;

export function suspendAfterMs(suspendTimeoutSeconds: number): number {
  if (suspendTimeoutSeconds < 0) return Number.POSITIVE_INFINITY;
  return (suspendTimeoutSeconds || defaultTimeoutSeconds) * 1000;
}

/**
 * True when a client is in the middle of something, however long its connection has been silent; or when
 * the branch subscribes to what others publish, as in the cloud. A read replica that follows it is no client.
 */
export async function isAtWork(compute: Compute): Promise<boolean> {
  const isBusy = await compute.adminIfRunning(
    "postgres",
    async (client) => {
      const { rows } = await client.query<{ busy: boolean }>(
        `select exists (select from pg_stat_activity
           where backend_type in ('client backend', 'walsender')
             and pid <> pg_backend_pid() and state <> 'idle'
             and not (backend_type = 'walsender' and application_name like 'ds replica %'))
           or exists (select from pg_stat_subscription where pid is not null) as busy`,
      );
      return rows[0]?.busy ?? false;
    },
    roundsAnswerMs,
  );
  return isBusy ?? false;
}
