import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { schemaChanges } from "../../../src/postgres/schema/diff.ts";
import { migrationBetween } from "../../../src/postgres/schema/migration/io/migration-between.ts";
import { migrationText, transactionText } from "../../../src/postgres/schema/migration/text.ts";
import { DsProject } from "../../helpers/ds-project.ts";

export type Name = "one" | "other";

/** Two databases of one branch, in place of a branch and its base. */
export class TwoSchemas {
  private readonly project = new DsProject(`{ project: "shop" }`);
  private ids = { id: "", project: "" };

  async start(): Promise<void> {
    const setup = await this.project.run(["setup", "--developer", "pat"]);
    if (setup.status !== 0) throw new Error(setup.stderr);
    await this.withClient("neondb", async (client) => {
      const { rows } = await client.query<{ id: string; project: string }>(
        "select current_setting('neon.branch_id') as id, current_setting('neon.project_id') as project",
      );
      if (rows[0]) this.ids = rows[0];
      await client.query("create role reader");
    });
  }

  stop(): Promise<void> {
    return this.project.remove();
  }

  private async withClient<T>(database: string, work: (client: Client) => Promise<T>): Promise<T> {
    const url = this.project.url.replace(/\/neondb\b/, `/${database}`);
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  /** Makes a database that holds what the SQL makes, and nothing else. */
  async make(database: Name, sql: string): Promise<void> {
    await this.withClient("neondb", async (client) => {
      await client.query(`drop database if exists ${database} with (force)`);
      await client.query(`create database ${database}`);
    });
    await this.withClient(database, (client) => client.query(sql));
  }

  async dump(database: Name): Promise<string> {
    const engine = JSON.parse(readFileSync(join(this.project.home, "engine.json"), "utf8"));
    const key = readFileSync(join(this.project.home, "api-key"), "utf8").trim();
    const path = `/projects/${this.ids.project}/branches/${this.ids.id}/schema?db_name=${database}`;
    const answer = await fetch(`${engine.url}${path}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    return ((await answer.json()) as { sql: string }).sql;
  }

  /** Applies to the one what makes it the other: what was refused, and what still differs. */
  async migrate() {
    const [before, after] = [await this.dump("one"), await this.dump("other")];
    const migration = await this.withClient("one", (base) =>
      this.withClient("other", (branch) =>
        migrationBetween({
          base: { dump: before, client: base },
          branch: { dump: after, client: branch },
          role: "neondb_owner",
        }),
      ),
    );
    const { refusals, apart } = migration;
    const text = migrationText(migration, "test");
    if (refusals.length > 0) return { refusals, left: [], text };
    await this.withClient("one", async (client) => {
      for (const sql of [...apart, transactionText(migration)]) {
        await client.query(sql).catch((error) => {
          const at = sql.slice(Math.max(0, error.position - 300), error.position);
          throw new Error(`${error.message} ${error.detail ?? ""} ${at}\n${text}`);
        });
      }
    });
    const left = schemaChanges(await this.dump("one"), after, { columnOrder: false });
    return { refusals, left, text };
  }
}
