import { randomBytes } from "node:crypto";
import type { Client } from "pg";
import { mask } from "../../../src/config/define/masks.ts";
import type { RefreshConfig } from "../../../src/config/define/refresh.ts";
import { completeConfig } from "../../../src/config/project-config.ts";
import { refreshSchema } from "../../../src/config/schema/refresh.ts";
import { connectPostgres, withPostgres } from "../../../src/postgres/io/connect.ts";
import { type CopyReport, copyData } from "../../../src/refresh/copy/io/copy-data.ts";
import { beginLooking } from "../../../src/refresh/copy/io/sessions.ts";
import { propose } from "../../../src/refresh/init/io/propose-from.ts";
import { proposalText } from "../../../src/refresh/init/propose-text.ts";
import type { PlanResult } from "../../../src/refresh/plan/build-plan.ts";
import { makePlan } from "../../../src/refresh/plan/io/make-plan.ts";
import type { PostgresServer } from "../../helpers/postgres-server.ts";
import { silentPhases } from "../../helpers/refresh/plan.ts";

/** Production and an empty main of one schema, on one server. */
export class TwoDatabases {
  readonly source: string;
  readonly target: string;

  private constructor(source: string, target: string) {
    this.source = source;
    this.target = target;
  }

  static async make(server: PostgresServer, schema: string, data: string): Promise<TwoDatabases> {
    const name = `two_${randomBytes(6).toString("hex")}`;
    await withPostgres(server.adminUrl(), { what: "the server" }, async (client) => {
      await client.query(`create database ${name}_from`);
      await client.query(`create database ${name}_to`);
    });
    const made = new TwoDatabases(server.adminUrl(`${name}_from`), server.adminUrl(`${name}_to`));
    await made.there((client) => client.query(`${schema}\n${data}\nanalyze;`));
    await made.here((client) => client.query(schema));
    return made;
  }

  there<T>(work: (client: Client) => Promise<T>): Promise<T> {
    return withPostgres(this.source, { what: "production" }, work);
  }

  here<T>(work: (client: Client) => Promise<T>): Promise<T> {
    return withPostgres(this.target, { what: "main" }, work);
  }

  plan(rules: RefreshConfig): Promise<PlanResult> {
    const { refresh } = completeConfig({ project: "two", refresh: checked(rules) }, "/", undefined);
    if (!refresh) throw new Error("no rules");
    return this.there((source) =>
      this.here((target) => makePlan(source, target, { rules: refresh, without: [] })),
    );
  }

  /** Copies the organization that the rules name as `demo`. */
  async copy(rules: RefreshConfig): Promise<CopyReport> {
    const { plan, problems } = await this.plan(rules);
    if (problems.length > 0) throw new Error(JSON.stringify(problems));
    return copyData(
      {
        plan,
        source: { connect: () => connectPostgres(this.source, { what: "production" }) },
        target: { connect: () => connectPostgres(this.target, { what: "main" }) },
        values: { tenant: rules.tenant.demo, maskKey: "a key for the masks of a test" },
        streams: 2,
      },
      silentPhases,
      new AbortController().signal,
    );
  }
}

/** As the configuration file is read. */
const checked = (rules: RefreshConfig) => refreshSchema.parse(rules) as RefreshConfig;

/** The rules that `--init` proposes for a database, as they stand in the file, with the organization filled in. */
export async function proposedRules(
  two: TwoDatabases,
  demo: string,
): Promise<{ rules: RefreshConfig; section: string; unseen: string[] }> {
  const { proposal, unseen } = await two.there(async (client) => {
    await beginLooking(client, { tenant: "", maskKey: "" });
    const migrated = Promise.resolve(new Map());
    return propose(client, { without: [], migrated, said: undefined, isSource: true });
  });
  if (!proposal) throw new Error("no table looks like that of the organizations");
  const section = proposalText(proposal, "prod").replace(
    `demo: "demo"`,
    `demo: ${JSON.stringify(demo)}`,
  );
  const { refresh } = new Function("mask", `return { ${section} }`)(mask) as {
    refresh: RefreshConfig;
  };
  return { rules: refresh, section, unseen };
}
