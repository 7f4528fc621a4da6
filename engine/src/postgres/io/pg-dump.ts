import { connect } from "node:net";
import { MessageChannel, Worker } from "node:worker_threads";
import { EngineError } from "../../lib/engine-error.ts";
import { readPgDumpFailure } from "../pg-dump-failures.ts";
import { Limit } from "../pg-dump-limit.ts";
import { AnswerBuffer } from "../pg-dump-messages.js";
import { startupMessage } from "../wire-messages.ts";
import { type AdminAddress, adminRole, adminSettings, startupOptions } from "./admin.ts";

/** A dump takes some 200 ms; thousands of tables take seconds. */
const timeoutMs = 60_000;
/** How long to wait for a table that somebody has locked exclusively, in milliseconds. */
const lockWaitMs = 5_000;
/** Of one answer of the server; the catalogs of ten thousand tables stay far below. */
const largestAnswer = 128 * 1024 * 1024;

const lastWordsMs = 1_000;

/** The same for other pg_dumps; of these at once, each holds 64 MB of memory while it runs. */
export const dumpLimits = {
  timeoutMs,
  lockWaitMs,
  largestText: largestAnswer,
  atOnce: new Limit(2),
};

/**
 * The schema of one database as SQL: what `pg_dump --schema-only` of PostgreSQL 18 prints, with owners
 * and privileges, without the keys that are random in each dump. The program is the genuine one,
 * compiled to wasm, in a thread of its own; its connection is relayed to the server at `address`.
 * Fails with 423 when a lock keeps it from reading, with 503 when the server goes away.
 */
export async function dumpSchema(address: AdminAddress, database: string): Promise<string> {
  return dumpLimits.atOnce.run(() => dump(address, database));
}

async function dump(address: AdminAddress, database: string): Promise<string> {
  const signal = new SharedArrayBuffer(4);
  const answered = new Int32Array(signal);
  const settings = await adminSettings(address, database);
  const { port1: port, port2 } = new MessageChannel();
  const worker = new Worker(new URL("./pg-dump-worker.js", import.meta.url), {
    workerData: { args: argumentsFor(address, database), signal, port: port2 },
    transferList: [port2],
    // What it complains about comes as the failure's message; nothing else is for the engine's log.
    stdout: true,
    stderr: true,
  });
  const server = connect({ host: "127.0.0.1", port: address.port, noDelay: true });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<string>((resolve, reject) => {
      const answers = new AnswerBuffer();
      const give = (answer: Uint8Array) => {
        port.postMessage(answer);
        Atomics.store(answered, 0, 1);
        Atomics.notify(answered, 0);
      };
      let started = false;
      timer = setTimeout(() => reject(tookTooLong()), timeoutMs);
      server.on("error", (error) => reject(serverGone(error)));
      server.on("data", (bytes) => {
        const answer = answers.push(bytes);
        if (answers.size > largestAnswer) reject(tooLarge());
        if (answer) give(answer);
      });
      server.on("end", () => {
        // pg_dump gets the server's last words, and a moment to put them into a sentence of its own.
        give(answers.rest());
        setTimeout(() => reject(serverGone()), lastWordsMs).unref();
      });
      port.on("message", (request: Uint8Array) => {
        // The library gives itself another user's name; who connects is for us to say.
        server.write(started ? request : startup(database, settings));
        started = true;
      });
      worker.on("error", reject);
      worker.on("exit", () => reject(new Error("the thread that runs pg_dump ended early")));
      worker.on("message", (result: { text: string } | { failure: string }) => {
        if ("text" in result) resolve(tidyDump(result.text));
        else reject(dumpFailed(result.failure));
      });
    });
  } finally {
    clearTimeout(timer);
    server.destroy();
    port.close();
    await worker.terminate();
  }
}

function argumentsFor({ password }: AdminAddress, database: string): string[] {
  const conninfo = `password=${conninfoValue(password)} dbname=${conninfoValue(database)}`;
  return ["--schema-only", `--lock-wait-timeout=${lockWaitMs}`, "--dbname", conninfo];
}

function conninfoValue(value: string): string {
  return `'${value.replace(/[\\']/g, "\\$&")}'`;
}

function startup(database: string, settings: Record<string, string>): Buffer {
  return startupMessage({
    user: adminRole,
    database,
    application_name: "ds pg_dump",
    // A dump that was given up must not go on waiting for a lock.
    client_connection_check_interval: "1s",
    client_encoding: "UTF8",
    options: startupOptions({ ...settings, standard_conforming_strings: "on" }),
  });
}

/** Says the same as Neon's API does: a gap where the random key was, and at the end, are closed. */
export function tidyDump(text: string): string {
  return `${text.replace("--\n\n\n-- Dumped", "--\n\n-- Dumped").trimEnd()}\n\n`;
}

export function dumpFailed(failure: string): EngineError {
  const { words, means } = readPgDumpFailure(failure);
  if (means === "TABLE_LOCKED") return lockedTable();
  if (means === "SERVER_GONE") return serverGone();
  return new EngineError(
    500,
    "SCHEMA_READ_FAILED",
    `pg_dump could not read the schema: ${words}`,
    new Error(words),
  );
}

function lockedTable(): EngineError {
  const sentence =
    "the schema cannot be read now: a transaction that changes a table holds it locked; try again when it has ended";
  return new EngineError(423, "TABLE_LOCKED", sentence);
}

function serverGone(cause?: Error): EngineError {
  const sentence = "the branch's Postgres stopped while its schema was read; try again";
  return new EngineError(503, "COMPUTE_STOPPED", sentence, cause);
}

export function tookTooLong(): EngineError {
  const seconds = timeoutMs / 1000;
  return new EngineError(
    503,
    "SCHEMA_READ_TIMEOUT",
    `the branch's schema could not be read within ${seconds} s`,
  );
}

export function tooLarge(): EngineError {
  return new EngineError(
    503,
    "SCHEMA_TOO_LARGE",
    "the branch's schema is larger than this engine can read",
  );
}
