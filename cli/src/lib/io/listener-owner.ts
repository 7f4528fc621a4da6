import { readFileSync } from "node:fs";
import { geteuid } from "node:process";

/**
 * The user of a program that listens at this port of this machine, where it is neither this user nor root, and the
 * system tells (Linux does).
 */
export function foreignListener(port: number): number | undefined {
  const own = geteuid?.();
  return listenerUids(port).find((uid) => uid !== own && uid !== 0);
}

/** Whether programs listen at this port, and all are this user's or root's; false where nobody tells. */
export function isOwnListener(port: number): boolean {
  return listenerUids(port).length > 0 && foreignListener(port) === undefined;
}

function listenerUids(port: number): number[] {
  return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => uidsIn(read(file), port));
}

/** A line: number, local address, remote address, state (0A: listens), queues, timer, retransmissions, uid, … */
function uidsIn(table: string, port: number): number[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table.split("\n").flatMap((line) => {
    const [, local = "", , state, , , , uid] = line.trim().split(/\s+/);
    return state === "0A" && local.endsWith(suffix) ? [Number(uid)] : [];
  });
}

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
