import type { BackupScheduleItem, BranchRecord, SnapshotRecord } from "../model/records.ts";

/** When scheduled snapshots are due; all hours and days are in UTC. */

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The latest moment, not after `now`, at which the entry asks for a snapshot; both in milliseconds. */
export function lastDue(item: BackupScheduleItem, now: number): number {
  const at = new Date(now);
  const [year, month, date] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  const hour = item.hour ?? 0;
  const notAfter = (candidates: number[]) => Math.max(...candidates.filter((ms) => ms <= now));
  switch (item.frequency) {
    case "hourly":
      return Math.floor(now / hourMs) * hourMs;
    case "daily":
      return notAfter([0, 1].map((back) => Date.UTC(year, month, date - back, hour)));
    case "weekly": {
      // Days of the week count from Monday, 1; getUTCDay() counts from Sunday, 0.
      const weekday = (((item.day ?? 1) - 1) % 7) + 1;
      const days = ((at.getUTCDay() || 7) - weekday + 7) % 7;
      const due = Date.UTC(year, month, date - days, hour);
      return due <= now ? due : due - 7 * dayMs;
    }
    case "monthly":
      return notAfter([0, 1].map((back) => inMonth(year, month - back, item.day ?? 1, hour)));
    case "yearly": {
      const monthOfYear = (item.month ?? 1) - 1;
      return notAfter([0, 1].map((back) => inMonth(year - back, monthOfYear, item.day ?? 1, hour)));
    }
  }
}

/** The 31st is the last day where a month has fewer. */
function inMonth(year: number, month: number, day: number, hour: number): number {
  const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(day, days), hour);
}

/** Entries of the branch's schedule that no snapshot was taken for since they were last due. */
export function dueEntries(
  branch: BranchRecord,
  snapshots: SnapshotRecord[],
  now: number,
): BackupScheduleItem[] {
  const { backupSchedule } = branch;
  if (!backupSchedule) return [];
  return backupSchedule.items.filter((item) => {
    const due = lastDue(item, now);
    // What was due before somebody asked for it is not made up for.
    if (due < Date.parse(backupSchedule.setAt)) return false;
    return !snapshots.some(
      ({ sourceBranchId, scheduledFor, createdAt }) =>
        sourceBranchId === branch.id &&
        scheduledFor === item.frequency &&
        Date.parse(createdAt) >= due,
    );
  });
}
