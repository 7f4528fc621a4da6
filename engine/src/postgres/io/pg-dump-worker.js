// @ts-check
// The entry of the thread that runs pg_dump for pg-dump.ts. pg_dump is a program of its own, compiled
// to wasm, that reads and writes its connection synchronously: what it writes goes to the engine's
// thread, and this one sleeps until the server's whole answer is there. A plain file, so that it can
// be a thread's entry from the sources and, bundled by itself, beside the engine.
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { pgDump } from "@electric-sql/pglite-tools/pg_dump";
import { RequestBuffer } from "../pg-dump-messages.js";

/**
 * `signal`: one Int32, 1 once an answer has been posted to `port`.
 * @type {{ args: string[], signal: SharedArrayBuffer, port: import("node:worker_threads").MessagePort }}
 */
const { args, signal, port } = workerData;
const answered = new Int32Array(signal);
const requests = new RequestBuffer();

const connection = {
  /**
   * @param {Uint8Array} bytes
   * @param {{ onRawData: (bytes: Uint8Array) => void }} receiver
   */
  execProtocolRawStream(bytes, { onRawData }) {
    const request = requests.push(bytes);
    if (request === undefined) return;
    Atomics.store(answered, 0, 0);
    port.postMessage(request);
    // Without a limit of its own: the engine's thread ends this one when the answer takes too long.
    Atomics.wait(answered, 0, 0);
    onRawData(receiveMessageOnPort(port)?.message);
  },
  // What the library asks of a PGlite beside it: to keep its search path, of which we have none.
  query: async () => ({ rows: [{ search_path: "" }] }),
  exec: async () => {},
};

try {
  const file = await pgDump({ pg: /** @type {any} */ (connection), args });
  parentPort?.postMessage({ text: await file.text() });
} catch (error) {
  parentPort?.postMessage({ failure: error instanceof Error ? error.message : String(error) });
}
