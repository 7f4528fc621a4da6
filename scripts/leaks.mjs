import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { endProcess, outliving } from "./processes.mjs";

/**
 * Looks for processes and files that a run of the tests left behind, ends those processes, and
 * describes each finding in a line. Nothing found means that the run cleaned up after itself.
 *
 * @param {{ path: string }} run
 * @param {number} [patienceMs] how long a process may take to end, after the last one that did
 */
export async function reapLeftovers(run, patienceMs) {
  const processes = await outliving([run.path], patienceMs);
  for (const { pid } of processes) endProcess(pid);
  const mounts = mountsBelow(run.path);
  for (const mount of mounts) spawnSync("umount", ["--lazy", mount]);
  return [
    ...mounts.map((mount) => `mounted volume ${mount}`),
    ...processes.map(({ pid, command }) => `process ${pid}: ${command}`),
    ...filesLeft(run).map((file) => `file ${file}${contents(file)}`),
  ];
}

/** @param {string} folder */
function mountsBelow(folder) {
  if (process.platform !== "linux") return [];
  const lines = readFileSync("/proc/self/mounts", "utf8").split("\n");
  return lines.map((line) => line.split(" ")[1] ?? "").filter((path) => path.startsWith(folder));
}

/** @param {{ path: string }} run */
function filesLeft(run) {
  const inTmp = readdirSync(join(run.path, "tmp")).map((name) => join(run.path, "tmp", name));
  const expected = new Set([
    "bin",
    "tmp",
    "report.json",
    "stray-errors",
    "config",
    "state",
    "cache",
  ]);
  const elsewhere = readdirSync(run.path).filter((name) => !expected.has(name));
  return [...inTmp, ...elsewhere.map((name) => join(run.path, name))];
}

/**
 * What is in a folder tells which test made it.
 *
 * @param {string} file
 */
function contents(file) {
  return statSync(file).isDirectory() ? ` (${readdirSync(file).join(", ") || "empty"})` : "";
}
