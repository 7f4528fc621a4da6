import { appendFileSync, renameSync, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { startEngine } from "./engine.ts";
import { errnoOf } from "./lib/io/files.ts";
import { StartError } from "./lib/start-error.ts";
import { repairCommand } from "./lifecycle/io/repair-command.ts";
import { findRunningEngine } from "./lifecycle/io/running-engine.ts";
import { choosePostgresUser } from "./postgres/io/os-user.ts";
import { Home } from "./storage/home.ts";
import { prepareHome } from "./storage/io/prepare-home.ts";
import { createVolume } from "./storage/io/volume.ts";

/**
 * The engine as a program:
 *
 *     engine.js serve --home DIR [--port N]          runs until it is told to stop
 *     engine.js volume create --home DIR [--size N]  makes a copy-on-write volume (as root)
 *     engine.js repair --home DIR [--apply]          tells what is damaged, and mends it with --apply
 *
 * `serve` tells its parent, over Node's IPC channel where there is one, `{type: "ready", url, pid, setAside}` or
 * `{type: "failed", code, message, hint}`; `repair` tells `{type: "repair", repairs, left}`.
 */
async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      home: { type: "string" },
      port: { type: "string" },
      size: { type: "string" },
      apply: { type: "boolean" },
    },
  });
  const home = values.home && resolve(values.home);
  if (!home) throw new StartError("USAGE", "--home is missing");
  const command = positionals.join(" ");
  if (command === "serve") await serve(home, values.port);
  else if (command === "volume create") await makeVolume(home, values.size ?? "20G");
  else if (command === "repair") await repair(home, values.apply ?? false);
  else throw new StartError("USAGE", `unknown command "${command}"`);
}

async function serve(home: string, portText: string | undefined): Promise<void> {
  const port = portText === undefined ? undefined : Number(portText);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port < 65_536)) {
    throw new StartError(
      "USAGE",
      `--port ${portText} is not a port number`,
      "Ports are 1 to 65535.",
    );
  }
  logFile = new Home(home).logFile;
  const engine = await startEngine({ home, ...(port ? { port } : {}), log });
  const { url, pid, setAside = 0 } = engine;
  await tellParent({ type: "ready", url, pid, setAside });
  if (!engine.stop) return;
  const stop = () => void engine.stop?.();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, stop);
  process.on("uncaughtException", (error) => {
    log(`unforeseen: ${error.stack ?? error.message}`);
    process.exitCode = 1;
    stop();
  });
  await engine.stopped;
  process.exit();
}

async function repair(path: string, apply: boolean): Promise<void> {
  await tellParent({ type: "repair", ...(await repairCommand(new Home(path), apply)) });
}

async function makeVolume(path: string, size: string): Promise<void> {
  const home = new Home(path);
  const unit = /^(\d+)([MGT])$/i.exec(size);
  if (!unit) throw new StartError("USAGE", `--size ${size} is not a size`, "Sizes look like 20G.");
  const factor = { M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 }[unit[2]?.toUpperCase() as "M"];
  const existing = await stat(path).catch(() => undefined);
  // A home that belongs to an ordinary user stays theirs, although root makes the volume.
  const owner = { uid: existing?.uid ?? 0, gid: existing?.gid ?? 0 };
  if (owner.uid === 0) await prepareHome(home, await choosePostgresUser(home.pgdata));
  const running = await findRunningEngine(home);
  if (running) {
    throw new StartError(
      "CONFLICT",
      `The engine is running (pid ${running.pid}).`,
      "Stop it first: ds engine stop",
    );
  }
  await createVolume(home, { bytes: Number(unit[1]) * factor, owner }, (line) => console.log(line));
}

/** Whoever starts the engine in the background does not see what it says, so a file has it too. */
let logFile: string | undefined;
// Where nobody reads it any more, the file is enough.
process.stderr.on("error", () => {});
const maxLogBytes = 8 * 1024 * 1024;

function log(line: string): void {
  const text = `${new Date().toISOString()} ${line}\n`;
  process.stderr.write(text);
  if (!logFile) return;
  try {
    if ((statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > maxLogBytes) {
      renameSync(logFile, `${logFile}.1`);
    }
    appendFileSync(logFile, text, { mode: 0o600 });
  } catch {
    // A full disk, or no home yet: what is logged is reported by other ways as well.
  }
}

function noSpace(cause: Error): StartError {
  return new StartError(
    "UPSTREAM",
    `The engine cannot start, as its disk is full: ${cause.message}.`,
    "Free a little space there first; then delete branches that nobody needs: ds db branches",
  );
}

function tellParent(message: object): Promise<void> {
  return new Promise((done) => {
    if (!process.send) return done();
    process.send(message, () => {
      if (process.connected) process.disconnect();
      done();
    });
  });
}

main().catch(async (cause: Error) => {
  const error = errnoOf(cause) === "ENOSPC" ? noSpace(cause) : cause;
  const isForeseen = error instanceof StartError;
  log(isForeseen ? error.message : (error.stack ?? error.message));
  if (isForeseen && error.hint) log(error.hint);
  await tellParent({
    type: "failed",
    code: isForeseen ? error.code : "UPSTREAM",
    message: error.message,
    ...(isForeseen && error.hint ? { hint: error.hint } : {}),
    ...(isForeseen && error.reason ? { reason: error.reason } : {}),
  });
  process.exit(1);
});
