import type { PointInTime } from "../model/point-in-time.ts";
/** One of Postgres' settings that say where a recovery stops. */
export type RecoveryTarget = Record<string, string>;

export function targetOf(moment: PointInTime): RecoveryTarget {
  return "lsn" in moment
    ? { recovery_target_lsn: moment.lsn }
    : { recovery_target_time: postgresTime(moment.timestamp) };
}

/** The number of the transaction before whose end a recovery stopped, from the log of its server. */
export function stoppedBefore(log: string): string {
  const line = /recovery stopping before (?:commit|abort) of transaction (\d+)/.exec(log);
  if (!line?.[1]) throw new Error("the server does not say where its recovery stopped");
  return line[1];
}

/** RFC 3339 as Postgres reads it on a command line, where it knows no zone by its letter. */
export function postgresTime(timestamp: string): string {
  return timestamp.replace(/[Tt]/, " ").replace(/[Zz]$/, "+00");
}
