import type { Client } from "pg";
/**
 * Opens a direct (not pooled) connection that has a listener for its errors; fails with a DsError that
 * holds no password.
 */
export type Connect = (applicationName: string) => Promise<Client>;

export function inTransaction(client: Client): boolean {
  return (client as unknown as { getTransactionStatus(): string }).getTransactionStatus() === "T";
}

const serverPids = new WeakMap<Client, number>();

export function rememberServerPid(client: Client, pid: number): void {
  serverPids.set(client, pid);
}

/** By the server's own word: what the driver was told at the log-in may be a number of a proxy's. */
export function serverPid(client: Client): number {
  const pid = serverPids.get(client);
  if (pid === undefined) throw new Error("the session's pid is asked for with the migration lock");
  return pid;
}
