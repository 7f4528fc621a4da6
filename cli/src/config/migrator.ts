import type { Config, FindingSeverity } from "./define/config.ts";
import { defaultLedger } from "./drizzle-settings.ts";
import { knownRecords } from "./migration-tools.ts";

/** Who applies migrations: this command as Drizzle does, another tool's command, or nobody. */
export type Migrator = { kind: "drizzle" } | MigrationCommand | NoMigrator;

export interface MigrationCommand {
  kind: "command";
  command: string;
  check: string | undefined;
  cwd: string;
  /** Tables in which the tool keeps its records. */
  records: readonly string[];
}

interface NoMigrator {
  kind: "none";
  /** ds.config.ts says so; otherwise nothing here has migrations yet. */
  onPurpose: boolean;
}

export interface DrizzleMigrations {
  folder: string;
  schema: string;
  table: string;
  /** What of the ledger's name is only the default, so that a drizzle config may have it otherwise. */
  assumed: ("schema" | "table")[];
  late: "fail" | "apply";
  rehearse: "shared" | "required" | "never";
  rules: Readonly<Record<string, FindingSeverity>>;
  /** Below both of them, what blocks is only a note. */
  smallTable: { rows: number; bytes: number };
}

/** Tables in which the records of migrations are: a schema, `schema.table`, or with a `*` the beginning of its name. */
export function recordTables(
  { schema, table }: Pick<DrizzleMigrations, "schema" | "table">,
  migrator: Migrator,
): string[] {
  if (migrator.kind !== "drizzle") {
    const names = migrator.kind === "command" ? migrator.records : knownRecords;
    return names.map((name) => (name.includes(".") ? name : `public.${name}`));
  }
  return schema === "drizzle" ? [schema] : [`${schema}.${table}`, `${schema}.__ds_*`];
}

/** The section `migrations` with every default filled in. */
export function migrationsOf(
  given: Config["migrations"],
  at: (path: string | undefined) => string,
): { migrations: DrizzleMigrations; migrator: Migrator } {
  const command = given && "command" in given ? given : undefined;
  const drizzle = given && !("command" in given) ? given : {};
  const isDrizzle = given !== false && command === undefined;
  const migrations: DrizzleMigrations = {
    folder: at(drizzle.folder ?? "drizzle"),
    schema: drizzle.schema ?? defaultLedger.schema,
    table: drizzle.table ?? defaultLedger.table,
    assumed: isDrizzle
      ? (["schema", "table"] as const).filter((part) => drizzle[part] === undefined)
      : [],
    late: drizzle.late ?? "fail",
    rehearse: (command ?? drizzle).rehearse ?? "shared",
    rules: drizzle.rules ?? {},
    smallTable: {
      rows: drizzle.smallTable?.rows ?? 10_000,
      bytes: (drizzle.smallTable?.megabytes ?? 10) * 1_000_000,
    },
  };
  if (isDrizzle) return { migrations, migrator: { kind: "drizzle" } };
  if (command === undefined) return { migrations, migrator: { kind: "none", onPurpose: true } };
  const { check, cwd, records = knownRecords } = command;
  const migrator = { command: command.command, check, cwd: at(cwd), records };
  return { migrations, migrator: { kind: "command", ...migrator } };
}
