import { expect } from "vitest";
import type { Ended } from "../../../scripts/test-support/program.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import type { DsProject } from "../helpers/ds-project.ts";

/** A column type of an extension, and what a test does with it. */
export interface TestedType {
  /** As a column has it: `vector(1536)`. */
  type: string;
  /** A value for the number `n`, as SQL. */
  value: string;
  /** `using … (embedding …)` of an index. */
  index: string;
  /** A query that uses the index and finds the document of `n = 7`, with others of both organizations. */
  nearest: string;
}

export const tables = ({ type, index }: TestedType): string => `
  create table organizations (id text primary key, name text not null);
  create table docs (id int primary key, organization_id text not null references organizations,
    title text, embedding ${type}, second ${type});
  create index docs_embedding on docs ${index};`;

/** 200 documents, every second one of another organization. */
const rows = ({ value }: TestedType): string => `
  insert into organizations values ('org_a', 'Ridgeway'), ('org_b', 'Hollow');
  insert into docs select n, 'org_' || (array['a', 'b'])[1 + n % 2], 'Dear Mr Lindqvist ' || n, ${value}, ${value}
    from generate_series(1, 200) n;`;

export const refreshRules = `{
  from: "prod",
  tenant: { table: "organizations", column: "organization_id", demo: "org_b" },
  columns: { "organizations.name": mask.name({ part: "company" }), "docs.title": mask.text(),
    "docs.embedding": mask.keep(), "docs.second": mask.null() },
}`;

/** A program that fills production. */
export const seedProgram = (tested: TestedType): string => `
  import pg from "${import.meta.resolve("pg")}";
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  await client.query(${JSON.stringify(rows(tested))});
  await client.end();`;

/** What a developer does with a project whose own branch has these tables, and nothing in them. */
export class LifeCycle {
  private readonly project: DsProject;
  private readonly tested: TestedType;

  constructor(project: DsProject, tested: TestedType) {
    this.project = project;
    this.tested = tested;
  }

  async run(...args: string[]): Promise<Ended> {
    const ended = await this.project.run(args);
    expect(ended.status, `ds ${args.join(" ")}: ${ended.stderr}`).toBe(0);
    return ended;
  }

  async query<T>(text: string, url = this.project.url): Promise<T[]> {
    const client = await connectPostgres(url, { what: "the test" });
    try {
      return (await client.query(text)).rows as T[];
    } finally {
      await client.end();
    }
  }

  /** What the index finds; fails where the plan does without it. */
  async nearest(url = this.project.url): Promise<{ id: number; organization_id: string }[]> {
    const client = await connectPostgres(url, { what: "the test" });
    try {
      await client.query("set enable_seqscan = off; set enable_sort = off");
      const { rows: plan } = await client.query(`explain ${this.tested.nearest}`);
      expect(JSON.stringify(plan)).toContain("docs_embedding");
      return (await client.query(this.tested.nearest)).rows;
    } finally {
      await client.end();
    }
  }

  private async has7(url?: string): Promise<boolean> {
    return (await this.nearest(url)).some(({ id }) => id === 7);
  }

  async urlOf(branch: string): Promise<string> {
    const { stdout } = await this.run("db", "url", "--branch", branch, "--json");
    return JSON.parse(stdout).url;
  }

  /** Branch, restore, reset, undo. */
  async branches(): Promise<void> {
    const [branch] = await this.query<{ name: string }>(rows(this.tested)).then(() =>
      this.query<{ name: string }>("select current_setting('neon.branch_id') as name"),
    );
    expect(branch?.name).toMatch(/^br-/);
    await this.run("db", "create", "fork", "--from", "dev-kim-local");
    expect(await this.has7(await this.urlOf("fork"))).toBe(true);

    const [at] = await this.query<{ lsn: string }>("select pg_current_wal_flush_lsn() as lsn");
    await this.query("delete from docs");
    await this.run("db", "restore", "--at", at?.lsn ?? "", "--yes");
    expect(await this.has7()).toBe(true);

    await this.run("db", "reset", "--yes");
    expect(await this.nearest()).toEqual([]);
    await this.run("db", "undo", "--yes");
    expect(await this.has7()).toBe(true);
  }

  /** A column more on the own branch, and what `ds db diff` says of it. */
  async difference(): Promise<void> {
    await this.query(`alter table docs add third ${this.tested.type}`);
    const { stdout } = await this.run("db", "diff", "--sql");
    expect(stdout).toMatch(/^\+ +third /m);
    await this.query("alter table docs drop third");
  }

  /** Staging data out of production, with the type under rules and masks. */
  async refresh(): Promise<void> {
    await this.run("db", "refresh-staging", "--yes");
    const found = await this.nearest(await this.urlOf("main"));
    expect(new Set(found.map((row) => row.organization_id))).toEqual(new Set(["org_b"]));
    const [sums] = await this.query(
      "select count(*)::int as all, count(embedding)::int as kept, count(second)::int as masked from docs",
      await this.urlOf("main"),
    );
    expect(sums).toEqual({ all: 100, kept: 100, masked: 0 });
  }
}
