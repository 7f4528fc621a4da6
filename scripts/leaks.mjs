import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

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
  return [
    ...processes.map(({ pid, command }) => `process ${pid}: ${command}`),
    ...filesLeft(run).map((file) => `file ${file}`),
  ];
}

/** @param {import("./run-folder.mjs").RunFolder} run */
function filesLeft(run) {
  const inTmp = readdirSync(join(run.path, "tmp")).map((name) => join(run.path, "tmp", name));
  const expected = new Set(["tmp", "report.json", "config", "state"]);
  const elsewhere = readdirSync(run.path).filter((name) => !expected.has(name));
  return [...inTmp, ...elsewhere.map((name) => join(run.path, name))];
}

/** @param {string} text */
function processesMentioning(text) {
  const found =
    process.platform === "linux"
      ? linuxProcessesMentioning(text)
      : processesOfPs().filter(({ command }) => command.includes(text));
  return found.filter(({ pid }) => pid !== process.pid);
}

/** @param {string} text */
function linuxProcessesMentioning(text) {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), command: commandOf(name), traces: tracesOf(name) }))
    .filter(({ command, traces }) => `${command}\n${traces}`.includes(text));
}

/** @param {string} pid */
function commandOf(pid) {
  return readOrNothing(() =>
    readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim(),
  );
}

/**
 * A process belongs to the run by its working folder or its environment too: Postgres renames its
 * children, and a worker's command line says nothing about who started it.
 *
 * @param {string} pid
 */
function tracesOf(pid) {
  const folder = readOrNothing(() => readlinkSync(`/proc/${pid}/cwd`));
  return `${folder}\n${readOrNothing(() => readFileSync(`/proc/${pid}/environ`, "utf8"))}`;
}

/** @param {() => string} read */
function readOrNothing(read) {
  try {
    return read();
  } catch {
    // It ended in the meantime, or belongs to somebody else.
    return "";
  }
}

function processesOfPs() {
  const { stdout } = spawnSync("ps", ["-axo", "pid=,command="], { encoding: "utf8" });
  return stdout.split("\n").flatMap((line) => {
    const match = /^\s*(\d+) (.*)$/.exec(line);
    return match ? [{ pid: Number(match[1]), command: String(match[2]) }] : [];
  });
}

/** @param {number} pid */
function endProcess(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}
