import type { Client } from "pg";
import type { Ended } from "../../../scripts/test-support/program.ts";
import { withPostgres } from "../../src/postgres/io/connect.ts";
import { DsProject } from "../helpers/ds-project.ts";
import { dsInProcess } from "../helpers/in-process.ts";
import { type PostgresServer, startPostgres } from "../helpers/postgres-server.ts";
import { writeSqlTool } from "./sql-tool.ts";

export interface Case {
  /** One migration, or several by their names. */
  schema: string | Record<string, string>;
  data: string;
  /** The `refresh` section of ds.config.ts. */
  rules: string;
  /** The line `migrations: …` of ds.config.ts, where they are not Drizzle's: `schema` is in the folder sql/ then. */
  migrations?: string;
}

const key = "0123456789abcdef0123456789abcdef";
const marked = "zoo.place";

/**
 * A project on an engine of its own, whose main has the schema of a case and no rows, and a server that
 * plays production: it has the schema with the data, and variants of both.
 */
export class RefreshStage {
  readonly project: DsProject;
  private readonly source: PostgresServer;
  private readonly migrations: string;
  private count = 0;
  production = "";

  private constructor(project: DsProject, source: PostgresServer, migrations: string) {
    this.project = project;
    this.source = source;
    this.migrations = migrations;
  }

  static async start({ schema, data, rules, migrations = "" }: Case): Promise<RefreshStage> {
    const project = new DsProject(`{ project: "zoo", ${migrations} }`);
    const files = typeof schema === "string" ? { "0000_zoo": schema } : schema;
    if (migrations !== "") writeSqlTool(project, files);
    else for (const [name, sql] of Object.entries(files)) project.migrations.add(name, sql);
    const [source, setup] = await Promise.all([
      startPostgres(),
      project.run(["setup", "--developer", "kim"]),
    ]);
    const stage = new RefreshStage(project, source, migrations);
    if (setup.status !== 0) throw new Error(setup.stderr);
    stage.rules(rules);
    stage.production = await stage.newDatabase([...Object.values(files), data]);
    return stage;
  }

  async stop(): Promise<void> {
    await Promise.all([this.project.remove(), this.source.stop()]);
  }

  /** Writes ds.config.ts with these rules. */
  rules(rules: string): void {
    this.project.write(
      "ds.config.ts",
      `import { defineConfig, mask } from "@devstride/ds";
       export default defineConfig({ project: "zoo", ${this.migrations} refresh: ${rules} });`,
    );
  }

  /** A copy of production in which something is different; `$place` is its name. */
  variant(sql: string): Promise<string> {
    return this.newDatabase([sql], new URL(this.production).pathname.slice(1));
  }

  private async newDatabase(texts: string[], template = "template0"): Promise<string> {
    this.count += 1;
    const name = `place${this.count}`;
    await withPostgres(this.source.adminUrl(), { what: "production" }, async (client) => {
      await client.query(`create database ${name} template ${template}`);
      await client.query(`alter database ${name} set ${marked} = 'production'`);
    });
    const url = this.source.adminUrl(name);
    await withPostgres(url, { what: "production" }, async (client) => {
      for (const sql of texts) await client.query(sql.replaceAll("$place", () => name));
    });
    return url;
  }

  /** `ds db refresh-staging` with a database as production. */
  refresh(
    url: string,
    args: string[] = ["--yes"],
    env: Record<string, string> = {},
  ): Promise<Ended> {
    return this.run(["db", "refresh-staging", ...args], { PRODUCTION_URL: url, ...env });
  }

  run(args: string[], env: Record<string, string> = {}): Promise<Ended> {
    const { path: cwd, home } = this.project;
    return dsInProcess({ cwd, home, env: { DS_MASK_KEY: key, ...env } }, args);
  }

  async branches(): Promise<string[]> {
    const { stdout } = await this.run(["db", "branches", "--json"]);
    const { branches } = JSON.parse(stdout) as { branches: { name: string }[] };
    return branches.map(({ name }) => name).sort();
  }

  async mainUrl(): Promise<string> {
    return (await this.run(["db", "url", "--target", "main"])).stdout.trim();
  }

  async onMain<T>(work: (client: Client) => Promise<T>): Promise<T> {
    return await withPostgres(await this.mainUrl(), { what: "main" }, work);
  }

  async rows<T extends object>(sql: string): Promise<T[]> {
    return await this.onMain(async (client) => (await client.query(sql)).rows as T[]);
  }

  /** Everything on main: rows, and what could be lost in a swap. Equal texts mean equal databases. */
  async contents(): Promise<string> {
    return await this.onMain(fingerprint);
  }
}

/** Every row of the database as text, but for what ds notes for itself. */
export async function allRows(client: Client): Promise<string[]> {
  const lines: string[] = [];
  for (const name of await tableNames(client)) {
    const { rows } = await client.query<{ line: string }>(`select t::text as line from ${name} t`);
    lines.push(...rows.map(({ line }) => `${name} ${line}`));
  }
  return lines;
}

/** One line a table, column default, index, constraint, trigger, policy and sequence of a database. */
async function fingerprint(client: Client): Promise<string> {
  const lines: string[] = [];
  for (const name of await tableNames(client)) {
    const { rows } = await client.query(
      `select count(*) || ' ' || coalesce(md5(string_agg(t::text, chr(10) order by t::text)), '') as sum from ${name} t`,
    );
    lines.push(`${name} ${rows[0].sum}`);
  }
  return [...lines, ...(await schemaLines(client))].join("\n");
}

/** The schema alone, with the states that a load switches off for a while. */
export async function schemaLines(client: Client): Promise<string[]> {
  const ours = (column: string) =>
    `${column}::regnamespace::text !~ '^(pg_|information_schema|__ds$)'`;
  const { rows } = await client.query<{ line: string }>(`
    select line from (
      select 'index ' || regexp_replace(pg_get_indexdef(i.indexrelid), '::(character varying|\\w+)(\\[\\])?|[()]', '', 'g') || i.indisvalid || i.indisclustered || i.indisreplident
        from pg_index i join pg_class c on c.oid = i.indexrelid where ${ours("c.relnamespace")}
      union all select 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
        || convalidated || coalesce(obj_description(oid), '') from pg_constraint where ${ours("connamespace")}
      union all select 'trigger ' || pg_get_triggerdef(t.oid) || tgenabled::text from pg_trigger t
        join pg_class c on c.oid = tgrelid where not tgisinternal and ${ours("c.relnamespace")}
      union all select 'table ' || oid::regclass || relrowsecurity || relforcerowsecurity || relpersistence::text || coalesce(relacl::text, '')
        from pg_class where relkind in ('r', 'p') and ${ours("relnamespace")}
      union all select 'policy ' || polname from pg_policy
      union all select 'column ' || attrelid::regclass || ' ' || attname || format_type(atttypid, atttypmod) || attnotnull
        from pg_attribute join pg_class c on c.oid = attrelid
        where attnum > 0 and not attisdropped and c.relkind in ('r', 'p') and ${ours("c.relnamespace")}
    ) l(line) order by 1`);
  return rows.map(({ line }) => line);
}

async function tableNames(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select oid::regclass::text as name from pg_class
     where relkind in ('r', 'p') and relnamespace::regnamespace::text !~ '^(pg_|information_schema|__ds$)' order by 1`,
  );
  return rows.map(({ name }) => name);
}
