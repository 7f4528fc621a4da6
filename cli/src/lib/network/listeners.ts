/** A socket of this machine that waits for connections. */
export interface Listener {
  uid: number;
  inode: string;
}

/**
 * Those at a port, of what Linux has in `/proc/net/tcp`: number, local address, remote address, state (0A: listens),
 * queues, timer, retransmissions, uid, timeout, inode.
 */
export function parseListeners(table: string, port: number): Listener[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table.split("\n").flatMap((line) => {
    const [, local = "", , state, , , , uid, , inode = ""] = line.trim().split(/\s+/);
    return state === "0A" && local.endsWith(suffix) ? [{ uid: Number(uid), inode }] : [];
  });
}
