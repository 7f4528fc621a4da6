import { scramVerifier } from "./scram.ts";
import { hasFeature } from "./version-features.ts";

/** What the cluster that new projects are cloned from is set up with. */

/**
 * Tuned for an idle branch, of which a developer may have dozens: ready in about 23 ms instead of 33
 * and with 7 MB of memory instead of 21. WAL segments are neither filled with zeros nor kept for
 * later, or each branch would take 16 MB of disk for itself on its first write.
 */
export const configuration = (
  major: number,
): string => `# Written by ds; settings of one branch are on the command line.
max_connections = 100
shared_buffers = 16MB
${hasFeature(major, "ioMethod") ? "io_method = sync\n" : ""}${hasFeature(major, "autovacuumSlots") ? "autovacuum_worker_slots = 3\n" : ""}autovacuum_max_workers = 2
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

export const hostRules = `# Written by ds. The proxy and the engine connect from here; nobody else can.
host all all 127.0.0.1/32 scram-sha-256
host replication all 127.0.0.1/32 scram-sha-256
`;

/** It is random, so that more iterations would protect nothing. */
export const passwordStatement = (adminRole: string, adminPassword: string): string =>
  `ALTER ROLE ${adminRole} PASSWORD '${scramVerifier(adminPassword, { iterations: 1 })}'`;

/** Roles as on Neon: what an owner may do comes from neon_superuser, which is not a superuser. */
export const roleStatements = (major: number, adminRole: string, adminPassword: string) => [
  passwordStatement(adminRole, adminPassword),
  ...(hasFeature(major, "membershipOptions") ? [] : [keepFromServer]),
  "CREATE ROLE neon_superuser CREATEDB CREATEROLE NOLOGIN REPLICATION BYPASSRLS IN ROLE pg_read_all_data, pg_write_all_data",
  `GRANT pg_monitor, ${hasFeature(major, "subscriptionRole") ? "pg_create_subscription, " : ""}pg_signal_backend TO neon_superuser WITH ADMIN OPTION`,
];

/**
 * Whoever creates roles may there grant himself any that is no superuser's, and so run programs and read files as the
 * server. These roles cannot log in; as superusers they can be granted by one alone. To be run in single-user mode.
 */
const keepFromServer =
  "UPDATE pg_authid SET rolsuper = true WHERE rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')";
