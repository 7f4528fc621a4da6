// One COPY from server to server, as `ds` does it and as two psql in a pipe do.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import esbuild from "esbuild";
import pg from "pg";

const root = join(import.meta.dirname, "..");

/**
 * The function of the command, bundled as the command is.
 *
 * @returns {Promise<(source: pg.Client, send: string, target: pg.Client, receive: string, onMoved: (bytes: number, rows: number) => void) => Promise<number>>}
 */
export async function loadRelay() {
  const folder = mkdtempSync(join(tmpdir(), "ds-bench-relay-"));
  try {
    const outfile = join(folder, "relay.mjs");
    await esbuild.build({
      entryPoints: [join(root, "cli/src/postgres/io/copy-relay.ts")],
      bundle: true,
      platform: "node",
      target: "node20",
      format: "esm",
      packages: "external",
      outfile,
    });
    return (await import(pathToFileURL(outfile).href)).relayCopy;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @typedef {{ table: string, select: string, columns: string }} Stream */

/**
 * Seconds for each way, one after the other in every round.
 *
 * @param {{ bin: string, source: string, target: string, stream: Stream, rounds: number }} options
 */
export async function compareStream({ bin, source, target, stream, rounds }) {
  const relayCopy = await loadRelay();
  const into = `bench_${stream.table}`;
  const from = await connect(source);
  const to = await connect(target);
  await to.query(
    `create table ${into} as select ${stream.columns} from ${stream.table} with no data`,
  );
  const send = (/** @type {string} */ select) => `copy (${select}) to stdout (format binary)`;
  const receive = `copy ${into} from stdin (format binary)`;
  /** @type {{ ours: number[], psql: number[] }} */
  const times = { ours: [], psql: [] };
  let bytes = 0;
  let rows = 0;
  const ways = {
    ours: async () => {
      bytes = 0;
      rows = await relayCopy(from, send(stream.select), to, receive, (n) => {
        bytes += n;
      });
    },
    psql: () => pipe(bin, source, send(stream.select), target, receive),
  };
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const way of /** @type {const} */ (["ours", "psql"])) {
        await to.query(`truncate ${into}`);
        const began = performance.now();
        await ways[way]();
        times[way].push((performance.now() - began) / 1000);
      }
    }
  } finally {
    await to.query(`drop table ${into}`);
    await Promise.all([from.end(), to.end()]);
  }
  return { times, bytes, rows };
}

/**
 * `psql -c 'copy … to stdout' | psql -c 'copy … from stdin'`.
 *
 * @param {string} bin
 * @param {string} source
 * @param {string} send
 * @param {string} target
 * @param {string} receive
 */
async function pipe(bin, source, send, target, receive) {
  const psql = join(bin, "psql");
  const script = '"$0" "$1" -qXc "$2" | "$0" "$3" -qXc "$4"';
  const args = ["-c", `set -eu; ${script}`, psql, source, send, target, receive];
  const child = spawn("sh", args, { stdio: ["ignore", "ignore", "inherit"] });
  const [status] = await once(child, "close");
  if (status !== 0) throw new Error(`psql ended with ${status}`);
}

/** @param {string} url */
async function connect(url) {
  const client = new pg.Client(url);
  await client.connect();
  return client;
}
