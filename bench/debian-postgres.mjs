// A PostgreSQL of the machine's own, as Debian installs it, with its tools: what `ds` is measured against.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const installed = "/usr/lib/postgresql";
const nobody = 65534;
const password = "bench";

/** Folder of pg_dump, psql and the server; undefined where Debian's packages are not there. */
export function findBinaries() {
  if (!existsSync(installed)) return undefined;
  return readdirSync(installed)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(installed, version, "bin"))
    .find((bin) =>
      ["postgres", "initdb", "psql", "pg_dump"].every((name) => existsSync(join(bin, name))),
    );
}

/**
 * @param {string} bin
 * @param {string} folder
 */
export async function startServer(bin, folder) {
  const data = join(folder, "data");
  const user = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  if (!existsSync(data)) {
    mkdirSync(data, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o711);
    if ("uid" in user) chownSync(data, nobody, nobody);
    const passwordFile = join(folder, "password");
    writeFileSync(passwordFile, password);
    const args = ["-D", data, "-U", "admin", "-E", "UTF8", "--locale=C", "-A", "scram-sha-256"];
    const made = spawnSync(join(bin, "initdb"), [...args, "--pwfile", passwordFile], {
      ...user,
      cwd: data,
      encoding: "utf8",
    });
    if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  }
  const port = await freePort();
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    shared_buffers: "512MB",
    max_wal_size: "8GB",
    maintenance_work_mem: "256MB",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = spawn(join(bin, "postgres"), ["-D", data, "-p", String(port), ...flags], {
    ...user,
    cwd: data,
    stdio: "ignore",
  });
  const exited = once(server, "exit");
  const url = (/** @type {string} */ database) =>
    `postgresql://admin:${password}@127.0.0.1:${port}/${database}`;
  for (let tries = 0; ; tries += 1) {
    if (spawnSync(join(bin, "psql"), [url("postgres"), "-c", "select 1"]).status === 0) break;
    if (tries === 100) throw new Error("the server does not answer");
    await sleep(100);
  }
  return {
    url,
    stop: async () => {
      server.kill("SIGINT");
      await exited;
    },
  };
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}
