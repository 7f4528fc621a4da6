/**
 * What makes a compute the engine's: its address, its files, its certificate, whose it is, where it
 * complains, what copies, recovery and freezing rely on (see data-directories.ts and freeze.ts), and where it
 * finds code to run. The commands are here because Postgres would run them as the engine's own.
 */
const enginesOwn = new RegExp(
  `^(${[
    "port",
    "listen_addresses",
    "unix_socket_.*",
    "ssl.*",
    "cluster_name",
    "extension_control_path",
    "dynamic_library_path",
    "data_directory",
    ".*_file",
    "neon\\..*",
    "logging_collector",
    "log_destination",
    "wal_level",
    "max_wal_senders",
    "io_method",
    "archive_.*",
    "recovery_.*",
    ".*_command",
  ].join("|")})$`,
  "i",
);

/** Whether clients may not choose the Postgres setting of this name. */
export function isReservedSetting(name: string): boolean {
  return enginesOwn.test(name);
}
