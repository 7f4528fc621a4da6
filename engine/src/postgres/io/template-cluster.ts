import { execFile, spawn } from "node:child_process";
import { chown, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { exists } from "../../lib/io/files.ts";
import { newSecret } from "../../model/ids.ts";
import { scramVerifier } from "../scram.ts";
import { hasServerErrors } from "../server-messages.ts";
import { adminRole } from "./admin.ts";
import type { Binaries } from "./binaries.ts";
import type { PostgresUser } from "./os-user.ts";

const run = promisify(execFile);

/**
 * Tuned for an idle branch, of which a developer may have dozens: ready in about 23 ms instead of 33
 * and with 7 MB of memory instead of 21. WAL segments are neither filled with zeros nor kept for
 * later, or each branch would take 16 MB of disk for itself on its first write.
 */
const configuration = `# Written by ds; settings of one branch are on the command line.
max_connections = 100
shared_buffers = 16MB
io_method = sync
autovacuum_worker_slots = 3
autovacuum_max_workers = 2
max_worker_processes = 8
max_parallel_workers = 2
max_parallel_workers_per_gather = 1
wal_init_zero = off
wal_recycle = off
min_wal_size = 32MB
max_wal_size = 1GB
checkpoint_timeout = 15min
wal_level = replica
max_replication_slots = 10
max_wal_senders = 10
# A client that vanished must not hold locks, or its compute awake, until its query is done.
client_connection_check_interval = 2s
password_encryption = scram-sha-256
log_line_prefix = '%m [%p] %q%u@%d '
log_timezone = 'UTC'
timezone = 'GMT'
datestyle = 'iso, mdy'
lc_messages = 'C.UTF-8'
lc_monetary = 'C.UTF-8'
lc_numeric = 'C.UTF-8'
lc_time = 'C.UTF-8'
default_text_search_config = 'pg_catalog.english'
dynamic_shared_memory_type = posix
`;

const hostRules = `# Written by ds. The proxy and the engine connect from here; nobody else can.
host all all 127.0.0.1/32 scram-sha-256
host replication all 127.0.0.1/32 scram-sha-256
`;

/** Roles as on Neon: what an owner may do comes from neon_superuser, which is not a superuser. */
const roles = (adminPassword: string) => [
  `ALTER ROLE ${adminRole} PASSWORD '${scramVerifier(adminPassword, { iterations: 1 })}'`,
  "CREATE ROLE neon_superuser CREATEDB CREATEROLE NOLOGIN REPLICATION BYPASSRLS IN ROLE pg_read_all_data, pg_write_all_data",
  "GRANT pg_monitor, pg_create_subscription, pg_signal_backend TO neon_superuser WITH ADMIN OPTION",
];

/**
 * The cluster that new projects are cloned from, made on first use. The superuser's password is set
 * in single-user mode, so that there is no moment at which the server listens without one.
 */
export async function ensureTemplate(
  templates: string,
  binaries: Binaries,
  user: PostgresUser | undefined,
  adminPassword: string,
): Promise<string> {
  const template = join(templates, binaries.version);
  const temporary = join(templates, `.${newSecret().slice(0, 8)}.tmp`);
  if (await exists(template)) return template;

  await mkdir(temporary, { mode: 0o700 });
  try {
    if (user) await chown(temporary, user.uid, user.gid);
    const options = {
      cwd: temporary,
      env: { LC_ALL: "C", TZ: "UTC", PATH: "/usr/bin:/bin" },
      ...user,
    };
    await run(
      join(binaries.bin, "initdb"),
      [
        ...[
          "-D",
          temporary,
          "-U",
          adminRole,
          "--auth=scram-sha-256",
          "--no-instructions",
          "--no-sync",
        ],
        ...["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"],
        // initdb wants a password or trust; the real one follows before anything can connect.
        ...["--auth-local=trust", "--auth-host=trust"],
      ],
      options,
    );
    await writeFile(join(temporary, "postgresql.conf"), configuration);
    await writeFile(join(temporary, "pg_hba.conf"), hostRules);
    await singleUser(join(binaries.bin, "postgres"), temporary, roles(adminPassword), options);
    await rename(temporary, template);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  return template;
}

async function singleUser(
  postgres: string,
  dataDir: string,
  statements: string[],
  options: object,
): Promise<void> {
  const child = spawn(postgres, ["--single", "-D", dataDir, "postgres"], {
    ...options,
    stdio: ["pipe", "ignore", "pipe"],
  });
  let complaints = "";
  child.stderr.on("data", (chunk) => {
    complaints += chunk;
  });
  child.stdin.end(statements.map((statement) => `${statement}\n`).join(""));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  if (status !== 0 || hasServerErrors(complaints)) {
    throw new Error(`preparing the template cluster failed: ${complaints.trim()}`);
  }
}
