/** A standby does not start with less of these than its primary has: as it is set up, where nothing else is chosen. */
const usual = {
  max_connections: 100,
  max_locks_per_transaction: 64,
  max_prepared_transactions: 0,
  max_worker_processes: 8,
};

/** Settings of a standby: its endpoint's own, as far as its primary's allow them. */
export function standbySettings(
  own: Record<string, string>,
  primarys: Record<string, string>,
  primaryConnection: string,
): Record<string, string> {
  const raised = Object.entries(usual).flatMap(([name, value]) => {
    const least = Number(primarys[name] ?? value);
    return Number(own[name] ?? value) < least ? [[name, String(least)]] : [];
  });
  const summarizing = "summarize_wal" in own ? { summarize_wal: "off" } : {};
  return {
    ...own,
    ...Object.fromEntries(raised),
    // What its log changes is its primary's to say.
    ...summarizing,
    hot_standby: "on",
    // Its log is its primary's, which keeps it for both.
    wal_keep_size: "0",
    primary_conninfo: primaryConnection,
  };
}

/** What a standby calls itself where it is connected. */
export const standbyName = (endpointId: string): string => `ds replica ${endpointId}`;

/** As libpq reads it. */
export function connectionInfo(parameters: Record<string, string>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}='${value.replace(/[\\']/g, "\\$&")}'`)
    .join(" ");
}
