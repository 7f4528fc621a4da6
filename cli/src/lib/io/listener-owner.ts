import { readFileSync } from "node:fs";
import { geteuid } from "node:process";
import { type Listener, parseListeners } from "../network/listeners.ts";

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

const listenerUids = (port: number): number[] => listenersAt(port).map(({ uid }) => uid);

/** Who waits for connections at a port of this machine; nobody where the system does not tell. */
export const listenersAt = (port: number): Listener[] =>
  ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => parseListeners(read(file), port));

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
