import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { endProcess, processesMentioning } from "./processes.mjs";

/** How long a process that was told to stop may take to be gone. */
const graceMs = 5_000;

/**
 * Looks for processes and files that a run of the tests left behind, ends those processes, and
 * describes each finding in a line. Nothing found means that the run cleaned up after itself.
 *
 * @param {import("./run-folder.mjs").RunFolder} run
 */
export async function reapLeftovers(run) {
  const giveUpAt = Date.now() + graceMs;
  let processes = processesMentioning(run.path);
  while (processes.length > 0 && Date.now() < giveUpAt) {
    await sleep(100);
    processes = processesMentioning(run.path);
  }
  for (const { pid } of processes) endProcess(pid);
  const mounts = mountsBelow(run.path);
  for (const mount of mounts) spawnSync("umount", ["--lazy", mount]);
  return [
    ...mounts.map((mount) => `mounted volume ${mount}`),
    ...processes.map(({ pid, command }) => `process ${pid}: ${command}`),
    ...filesLeft(run).map((file) => `file ${file}`),
  ];
}

/** @param {string} folder */
function mountsBelow(folder) {
  if (process.platform !== "linux") return [];
  const lines = readFileSync("/proc/self/mounts", "utf8").split("\n");
  return lines.map((line) => line.split(" ")[1] ?? "").filter((path) => path.startsWith(folder));
}

/** @param {import("./run-folder.mjs").RunFolder} run */
function filesLeft(run) {
  const inTmp = readdirSync(join(run.path, "tmp")).map((name) => join(run.path, "tmp", name));
  const expected = new Set(["tmp", "report.json", "stray-errors", "config", "state", "cache"]);
  const elsewhere = readdirSync(run.path).filter((name) => !expected.has(name));
  return [...inTmp, ...elsewhere.map((name) => join(run.path, name))];
}
