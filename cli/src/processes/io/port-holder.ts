import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect } from "node:net";
import { listenersAt } from "../../lib/io/listener-owner.ts";
import type { Environment } from "../../lib/process/environment.ts";
import { runChild } from "../../lib/process/io/run-child.ts";
import { type PortHolder, parseLsof } from "../port.ts";

/** Whether somebody listens on the port at this machine's own addresses. */
export async function isPortTaken(port: number): Promise<boolean> {
  const answers = await Promise.all(["127.0.0.1", "::1"].map((host) => answersAt(host, port)));
  return answers.includes(true);
}

const longestMs = 2_000;

function answersAt(host: string, port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect({ host, port, timeout: longestMs });
    const done = (isTaken: boolean) => {
      socket.destroy();
      answer(isTaken);
    };
    socket.on("connect", () => done(true));
    socket.on("error", () => done(false));
    socket.on("timeout", () => done(true));
  });
}

/** The process that listens on the port; undefined where the system does not tell, as of another user's. */
export async function portHolder(port: number, env: Environment): Promise<PortHolder | undefined> {
  return holderInProc(port) ?? (await holderOfLsof(port, env));
}

function holderInProc(port: number): PortHolder | undefined {
  const inodes = new Set(listenersAt(port).map(({ inode }) => inode));
  if (inodes.size === 0) return undefined;
  for (const pid of list("/proc").filter((name) => /^\d+$/.test(name))) {
    for (const file of list(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(target(`/proc/${pid}/fd/${file}`))?.[1];
      if (inode === undefined || !inodes.has(inode)) continue;
      return { pid: Number(pid), name: read(`/proc/${pid}/comm`).trim() };
    }
  }
  return undefined;
}

/** macOS has it, and no /proc. */
async function holderOfLsof(port: number, env: Environment): Promise<PortHolder | undefined> {
  const args = ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"];
  const command = { program: "lsof", args, env };
  const said = await runChild(command, { signal: AbortSignal.timeout(longestMs) }).catch(
    () => undefined,
  );
  return said && parseLsof(said.stdout.toString());
}

/** Processes end while one looks, and those of others show nothing. */
function quietly<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}

const read = (path: string) => quietly(() => readFileSync(path, "latin1"), "");
const list = (path: string) => quietly(() => readdirSync(path), []);
const target = (path: string) => quietly(() => readlinkSync(path), "");
