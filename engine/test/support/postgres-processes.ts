import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { processesMentioning } from "../../../scripts/processes.mjs";

/** Postmasters of this home by their data directory, and every process with its state. */
export function postgresOf(home: string): { pid: number; dataDir: string; isFrozen: boolean }[] {
  return processesMentioning(join(home, "data")).flatMap(({ pid, command }) => {
    const dataDir = / -D \S*\/pgdata\/(\w+)/.exec(command)?.[1];
    return dataDir ? [{ pid, dataDir, isFrozen: stateOf(pid) === "T" }] : [];
  });
}

/** Any process below these that is stopped: a copy that was cut off must leave none. */
export function frozenBelow(parents: number[]): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const fields = statOf(pid);
      return fields?.state === "T" && (parents.includes(pid) || parents.includes(fields.parent));
    });
}

const stateOf = (pid: number) => statOf(pid)?.state;

function statOf(pid: number): { state: string; parent: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state = "", parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
