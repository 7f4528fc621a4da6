import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * The processes, this one excepted, whose command line contains `text`; on Linux also those that
 * have it in their environment or as their working folder.
 *
 * @param {string} text
 * @returns {{ pid: number, command: string }[]}
 */
export function processesMentioning(text) {
  const found =
    process.platform === "linux"
      ? linuxProcessesMentioning(text)
      : processesOfPs().filter(({ command }) => command.includes(text));
  return found
    .filter(({ pid }) => pid !== process.pid)
    .map(({ pid, command }) => ({ pid, command }));
}

/**
 * Waits until no process mentions any of the texts, for as long as they keep ending, and returns those that stay.
 *
 * @param {string[]} texts
 */
export async function outliving(texts, patienceMs = 30_000) {
  const find = () => {
    const found = texts.flatMap((text) => processesMentioning(text));
    return [...new Map(found.map((one) => [one.pid, one])).values()];
  };
  let left = find();
  for (let waitedMs = 0; left.length > 0 && waitedMs < patienceMs; waitedMs += 50) {
    await sleep(50);
    const next = find();
    if (next.length < left.length) waitedMs = 0;
    left = next;
  }
  return left;
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
export function endProcess(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}
