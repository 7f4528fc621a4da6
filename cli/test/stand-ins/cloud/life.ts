import { toAnnotation } from "../../../src/deploy/stamp.ts";
import { connectPostgres } from "../../../src/postgres/io/connect.ts";
import { type CloudOptions, CloudStandIn } from "./cloud.ts";
import { Developer, type Run } from "./developer.ts";
import type { EngineBehind } from "./engine-behind.ts";
import { troubles } from "./troubles.ts";

/** What came of one whole life of a project. */
export interface Figures {
  commands: number;
  /** How often each fault happened. */
  faults: Record<string, number>;
  /** Commands whose result, or exit status, is not what it should be. */
  wrong: string[];
  /** Sentences that are not so. */
  untrue: string[];
  /** What should be gone at the end. */
  left: string[];
}

/** Of a command that went well: nothing failed, nothing is left, nothing is not known. */
const untrueOfSuccess = /^(✗|error:|warning:)|may have been|not known|could not|is still there/;

const schema = `create table organizations (id int primary key, name text);
  create table orders (id serial primary key, organization_id int not null references organizations, note text)`;

/** Everything that a developer does with a project in the cloud, one after the other. */
export class Life {
  readonly figures: Figures;
  readonly name: string;
  readonly engine: EngineBehind;
  readonly cloud: CloudStandIn;
  readonly developer: Developer;
  project = "";
  #production = "";

  private constructor(name: string, engine: EngineBehind, cloud: CloudStandIn) {
    this.name = name;
    this.engine = engine;
    this.cloud = cloud;
    this.developer = new Developer(cloud);
    this.figures = { commands: 0, faults: cloud.faults.happened, wrong: [], untrue: [], left: [] };
  }

  static async start(engine: EngineBehind, options: Omit<CloudOptions, "engine">): Promise<Life> {
    return new Life(
      `shop${options.seed}x`,
      engine,
      await CloudStandIn.start({ engine, ...options }),
    );
  }

  async live(): Promise<Figures> {
    try {
      await this.#begin();
      await this.#ownBranch();
      await this.#stages();
      await this.#staging();
      for (const trouble of troubles) await trouble(this);
      await this.#end();
    } catch (error) {
      this.figures.wrong.push(`stopped: ${(error as Error).stack}`);
    } finally {
      await this.#remove();
    }
    return this.figures;
  }

  /** A command that has to go well, and what has to be so then. */
  async well(args: string[], holds: (run: Run) => unknown = () => true): Promise<Run> {
    const run = await this.run(args);
    const name = `ds ${args.join(" ")}`;
    if (run.status !== 0) this.wrong(`${name}: exit ${run.status}\n${run.stderr}`);
    else if (!(await holds(run))) this.wrong(`${name}: went well, but it is not so\n${run.stdout}`);
    const lines = run.stderr.split("\n").filter((line) => untrueOfSuccess.test(line));
    if (run.status === 0) this.figures.untrue.push(...lines.map((line) => `${name}: ${line}`));
    return run;
  }

  async run(args: string[]): Promise<Run> {
    this.figures.commands += 1;
    return await this.developer.ds(args);
  }

  wrong(what: string): void {
    this.figures.wrong.push(what);
  }

  async names(): Promise<string[]> {
    return (await this.engine.branches(this.project)).map(({ name }) => name);
  }

  async has(name: string): Promise<boolean> {
    return (await this.names()).includes(name);
  }

  async query<T>(branch: string, text: string): Promise<T[]> {
    const found = (await this.engine.branches(this.project)).find(({ name }) => name === branch);
    const url = await this.engine.connectionUrl(this.project, found?.id ?? "");
    return await queryAt<T>(url, text);
  }

  async #begin(): Promise<void> {
    const { developer, engine, name } = this;
    const path = "/projects";
    const body = { project: { name: `${name}-prod` } };
    const made = await engine.call<{ project: { id: string } }>("POST", path, body);
    this.#production = made.project.id;
    const [main] = await engine.branches(this.#production);
    await queryAt(
      await engine.connectionUrl(this.#production, main?.id ?? ""),
      `${schema}; insert into organizations values (1, 'first'), (2, 'second');
       insert into orders (organization_id, note) select 1 + g % 2, 'note ' || g from generate_series(1, 100) g`,
    );
    developer.make(`{
      project: "${name}",
      stages: { prod: { project: "${this.#production}" } },
      audit: { grace: "300ms", inactive: "1d" },
      refresh: {
        from: "prod",
        tenant: { table: "organizations", column: "organization_id", demo: "1" },
        columns: { "organizations.name": { mask: "text", unique: false }, "orders.note": { mask: "token" } },
      },
    }`);
    developer.migrations.add("0000_shop", schema);
    await this.well(["setup", "--developer", "pat"], async ({ document }) => {
      const found = (await engine.projects(name)).filter((each) => each.id !== this.#production);
      this.project = found[0]?.id ?? "";
      return (
        found.length === 1 && found[0]?.name === name && idIn(document.project) === this.project
      );
    });
    if (!developer.variable("DATABASE_URL").includes("-pooler"))
      this.wrong("the URL is not pooled");
  }

  async #ownBranch(): Promise<void> {
    const { developer } = this;
    const own = "dev-pat-local";
    const orders = async () =>
      (await this.query<{ note: string }>(own, "select note from orders order by note")).map(
        ({ note }) => note,
      );
    await this.query(own, "insert into organizations values (7, 'own')");
    await this.well(["db", "create", "extra", "--ttl", "7d"], () => this.has("extra"));
    developer.migrations.add("0001_more", "create table more (id int)");
    const hasMore = async () =>
      (await this.query<{ it: string | null }>(own, "select to_regclass('more')::text as it"))[0]
        ?.it === "more";
    await this.well(["db", "migrate"], hasMore);
    await this.well(["db", "diff"], ({ document }) =>
      JSON.stringify(document.changes).includes("more"),
    );
    await this.query(own, "insert into orders (organization_id, note) values (7, 'mine')");
    await this.well(
      ["db", "reset", "--yes"],
      async () => (await orders()).length === 0 && (await hasMore()),
    );
    await this.well(["db", "undo", "--yes"], async () => (await orders()).join() === "mine");
    const moment = await this.query<{ now: Date }>(own, "select clock_timestamp() as now");
    await this.query(own, "insert into orders (organization_id, note) values (7, 'later')");
    const at = moment[0]?.now.toISOString() ?? "";
    await this.well(
      ["db", "restore", "--at", at, "--yes"],
      async () => (await orders()).join() === "mine",
    );
    const url = this.developer.variable("DATABASE_URL_UNPOOLED");
    await this.well(["db", "url"], ({ document }) => document.url === url);
    await this.well(["db", "current"], ({ document }) => JSON.stringify(document).includes(own));
    await this.well(["db", "branches"], async ({ document }) => {
      const listed = (document.branches as { name: string }[]).map(({ name }) => name);
      return [...listed].sort().join() === (await this.names()).sort().join();
    });
    await this.well(
      ["db", "status"],
      ({ document }) => (document.branch as { name: string }).name === own,
    );
  }

  async #stages(): Promise<void> {
    const branch = "dev-pat-feature-x";
    this.developer.git("branch", "feature/x");
    await this.well(["deploy", "up", "feature/x"], () => this.has(branch));
    await this.well(
      ["deploy", "up", "feature/x"],
      ({ document }) => (document.branch as { created: boolean }).created === false,
    );
    const rows = ({ document }: Run) =>
      (document.rows ?? document.branches ?? []) as { name: string }[];
    await this.well(["db", "audit"], (run) => JSON.stringify(rows(run)).includes(branch));
    await this.well(
      ["deploy", "down", "feature/x", "--yes"],
      async () => !(await this.has(branch)),
    );
    // Of another day, without an endpoint, and its git branch is gone.
    const stale = "dev-pat-old";
    const stamp = { stage: "pat-old", owner: "pat", gitBranch: "old", secret: undefined };
    await this.engine.call("POST", `/projects/${this.project}/branches`, {
      branch: { name: stale },
      annotation_value: toAnnotation({
        ...stamp,
        pullRequest: undefined,
        stack: undefined,
        stackBackend: undefined,
      }),
    });
    const old = new Date(Date.now() - 20 * 86_400_000).toISOString();
    this.cloud.branches.set(stale, { created_at: old, updated_at: old });
    await this.well(
      ["db", "audit", "--reconcile", "--yes"],
      async () => !(await this.has(stale)) && (await this.has("extra")),
    );
    await this.well(["db", "delete", "extra", "--yes"], async () => !(await this.has("extra")));
  }

  async #staging(): Promise<void> {
    const count = async () =>
      Number((await this.query<{ n: string }>("main", "select count(*) as n from orders"))[0]?.n);
    await this.well(["db", "refresh-staging", "--yes"], async () => (await count()) === 50);
    const undo = ["db", "refresh-staging", "--undo", "--yes"];
    await this.well(undo, async () => (await count()) === 0);
    await this.well(["doctor"], ({ document }) =>
      JSON.stringify(document.checks).includes(`"plan"`),
    );
  }

  async #end(): Promise<void> {
    const known =
      /^(main|dev-pat-local|(main|dev-pat-local)-before-(reset|undo|restore|refresh)-\d{17})$/;
    this.figures.left.push(...(await this.names()).filter((name) => !known.test(name)));
    const projects = await this.engine.projects(this.name);
    this.figures.left.push(
      ...projects.map(({ name }) => name).filter((name) => name.includes("setting up")),
    );
    this.figures.left.push(...this.developer.unfinished());
  }

  async #remove(): Promise<void> {
    await this.cloud.stop();
    await this.developer.remove();
    for (const { id } of await this.engine.projects(this.name)) {
      await this.engine.call("DELETE", `/projects/${id}`);
    }
  }
}

const idIn = (value: unknown) => (value as { id?: string } | undefined)?.id;

async function queryAt<T>(url: string, text: string): Promise<T[]> {
  const client = await connectPostgres(url, { what: "the test" });
  try {
    const result = await client.query(text);
    return (Array.isArray(result) ? [] : result.rows) as T[];
  } finally {
    await client.end();
  }
}
