/** What is known of other tools that keep migrations. */
export interface MigrationTool {
  name: string;
  /** Paths, relative to a project, that only a project of this tool has; a `*` stands for any ending. */
  signs: readonly string[];
  /** Package whose place in package.json says so. */
  dependency?: string;
  /** Whether a folder of migrations with these names in it is this tool's. */
  isFolder?: (names: readonly string[]) => boolean;
  /** Package that has to be there, too, for such a folder to be this tool's. */
  library?: string;
  /** What stands at the beginning of its .sql files. */
  head?: RegExp;
  /** What applies its migrations to the database of DATABASE_URL; undefined where it takes no URL from there. */
  command?: string;
  /** The same where only its folder of migrations is known. */
  commandFor?: (folder: string) => string;
  /** Such a command where the project has to provide for it first, and how. */
  example?: { command: string; needs: string };
  /** Where both run, relative to ds.config.ts. */
  cwd?: string;
  /** What ends with status 0 only when nothing is pending. */
  check?: string | undefined;
  /** Tables, or `schema.*`, in which it keeps its own records. */
  records: readonly string[];
}

const some = (names: readonly string[], pattern: RegExp) =>
  names.some((name) => pattern.test(name));

/** The first that fits counts. */
export const migrationTools: readonly MigrationTool[] = [
  {
    name: "Prisma",
    signs: ["prisma/schema.prisma", "prisma/schema", "prisma.config.*", "schema.prisma"],
    isFolder: (names) => names.includes("migration_lock.toml"),
    command: "npx prisma migrate deploy",
    check: "npx prisma migrate status",
    records: ["_prisma_migrations"],
  },
  {
    name: "Knex",
    signs: ["knexfile.*"],
    dependency: "knex",
    command: "npx knex migrate:latest",
    records: ["knex_migrations", "knex_migrations_lock"],
  },
  {
    name: "Sequelize",
    signs: [".sequelizerc"],
    dependency: "sequelize-cli",
    isFolder: (names) => some(names, /^\d{14}-.+\.[cm]?[jt]s$/),
    library: "sequelize",
    command: "npx sequelize-cli db:migrate",
    records: ["SequelizeMeta"],
  },
  {
    name: "node-pg-migrate",
    signs: [],
    dependency: "node-pg-migrate",
    command: "npx node-pg-migrate up",
    records: ["pgmigrations"],
  },
  {
    name: "TypeORM",
    signs: ["ormconfig.*"],
    dependency: "typeorm",
    command: "npx typeorm migration:run -d src/data-source.ts",
    records: ["typeorm_metadata"],
  },
  {
    name: "Rails",
    signs: ["bin/rails", "db/schema.rb", "db/structure.sql"],
    isFolder: (names) => some(names, /^\d{14}_\w+\.rb$/),
    command: "bin/rails db:migrate",
    check: "bin/rails db:abort_if_pending_migrations",
    records: ["schema_migrations", "ar_internal_metadata"],
  },
  {
    name: "Django",
    signs: ["manage.py"],
    command: "python manage.py migrate --noinput",
    check: "python manage.py migrate --check",
    records: ["django_migrations"],
  },
  {
    name: "Flask-Migrate",
    signs: ["migrations/alembic.ini"],
    command: "flask db upgrade",
    records: ["alembic_version"],
  },
  {
    name: "Alembic",
    signs: ["alembic.ini", "alembic/env.py"],
    command: "alembic upgrade head",
    records: ["alembic_version"],
  },
  {
    name: "Atlas",
    signs: ["atlas.hcl"],
    isFolder: (names) => names.includes("atlas.sum"),
    // --env names a block of atlas.hcl, and --url would show the password to everybody on the machine.
    example: {
      command: "atlas migrate apply --env ds",
      needs: 'in atlas.hcl: env "ds" { url = getenv("DATABASE_URL") }, with your migration block',
    },
    records: ["atlas_schema_revisions.*"],
  },
  {
    name: "Flyway",
    signs: ["flyway.toml", "flyway.conf", "conf/flyway.conf", "src/main/resources/db/migration"],
    isFolder: (names) => some(names, /^(V[\d._]+|R)__.+\.sql$/),
    records: ["flyway_schema_history"],
  },
  {
    name: "Liquibase",
    signs: [
      "liquibase.properties",
      "src/main/resources/liquibase.properties",
      "src/main/resources/db/changelog",
    ],
    isFolder: (names) => some(names, /changelog.*\.(xml|ya?ml|json)$/),
    head: /^--\s*liquibase formatted sql/im,
    records: ["databasechangelog", "databasechangeloglock"],
  },
  {
    name: "Supabase",
    signs: ["supabase/config.toml"],
    records: ["supabase_migrations.*"],
  },
  {
    name: "golang-migrate",
    signs: [],
    // Its own names have six digits or a time; one of Drizzle's may end in the same way, but has four.
    isFolder: (names) =>
      some(names, /^\d{6,}_.+\.up\.sql$/) ||
      (some(names, /\.up\.sql$/) && some(names, /\.down\.sql$/)),
    records: ["schema_migrations"],
  },
  {
    name: "Ecto",
    signs: [],
    isFolder: (names) => some(names, /^\d{14}_\w+\.exs$/),
    example: {
      command: "mix ecto.migrate",
      needs: 'in the repo\'s configuration: url: System.get_env("DATABASE_URL")',
    },
    records: ["schema_migrations"],
  },
  {
    name: "Laravel",
    signs: [],
    isFolder: (names) => some(names, /^\d{4}_\d\d_\d\d_\d{6}_\w+\.php$/),
    // Newer versions read DB_URL, older ones DATABASE_URL.
    command: 'DB_CONNECTION=pgsql DB_URL="$DATABASE_URL" php artisan migrate --force',
    // Its table, `migrations`, has a name that a product could have as well.
    records: [],
  },
  {
    name: "goose",
    signs: [],
    head: /^--\s*\+goose\s+up\b/im,
    commandFor: (folder) =>
      `GOOSE_DRIVER=postgres GOOSE_DBSTRING="$DATABASE_URL" goose -dir ${folder} up`,
    records: ["goose_db_version"],
  },
  {
    name: "dbmate",
    signs: [".dbmate", "dbmate.toml"],
    dependency: "dbmate",
    head: /^--\s*migrate:up\b/im,
    commandFor: (folder) => `dbmate -d ${folder} --no-dump-schema up`,
    command: "npx dbmate --no-dump-schema up",
    check: "npx dbmate status --exit-code",
    records: ["schema_migrations"],
  },
];

/** The tool to whom a folder of migrations with these names in it belongs; `meta` is where Drizzle keeps its journal. */
export function toolOfFolder(
  names: readonly string[],
  packages: ReadonlySet<string> = new Set(),
): MigrationTool | undefined {
  if (names.includes("meta")) return undefined;
  return migrationTools.find(
    ({ isFolder, library }) =>
      isFolder?.(names) && (library === undefined || packages.has(library)),
  );
}

/** The tool whose .sql files begin like one of these. */
export function toolOfHeads(heads: readonly string[]): MigrationTool | undefined {
  return migrationTools.find(({ head }) => head && heads.some((text) => head.test(text)));
}

/** Records that no project would keep under such a name itself. */
export const knownRecords: readonly string[] = [
  ...new Set(migrationTools.flatMap(({ records }) => records)),
];

/** The line for ds.config.ts. */
export function migrationsLine({ command, check, cwd }: MigrationTool): string {
  if (command === undefined) return "migrations: false";
  const parts = { command, ...(check !== undefined && { check }), ...(cwd && { cwd }) };
  const text = Object.entries(parts).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return `migrations: { ${text.join(", ")} }`;
}
