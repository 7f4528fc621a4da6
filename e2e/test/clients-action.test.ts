import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeWith, tool } from "../../scripts/test-support/needs.ts";
import { until } from "../../scripts/test-support/until.ts";
import {
  type Action,
  type ActionInputs,
  actionItself,
  actionsRequests,
} from "../support/create-branch-action.ts";
import { query } from "../support/database.ts";
import { NeonMachine } from "../support/neon.ts";

/** Its code is on GitHub alone: `CREATE_BRANCH_ACTION=/path/to/create-branch-action/dist/index.js`. */
const published = tool("create-branch-action (CREATE_BRANCH_ACTION)", () => {
  const file = process.env.CREATE_BRANCH_ACTION;
  return file && existsSync(file) ? file : undefined;
});

describe("the requests of Neon's create-branch-action", () => inputs(actionsRequests));
describeWith(published, "Neon's create-branch-action itself", (file) => inputs(actionItself(file)));

function inputs(action: Action): void {
  const machine = new NeonMachine();
  let project: string;

  beforeAll(async () => {
    await machine.start();
    project = await machine.createProject("shop");
    await query(
      await machine.url(project, "main"),
      `create table users (id int primary key, email text unique);
       insert into users values (1, 'nora@acme.example'), (2, 'ben@acme.example')`,
    );
  });

  afterAll(() => machine.close());

  /** What it puts out; it has to succeed. */
  async function made(inputs: ActionInputs): Promise<Record<string, string>> {
    const { failure, outputs } = await action(machine, project, inputs);
    expect(failure).toBeUndefined();
    return outputs;
  }

  /** The server's certificate is its own, which `sslmode=require` of a driver does not take. */
  const emails = async ({ db_url = "" }: Record<string, string>) => {
    const url = new URL(db_url);
    url.searchParams.delete("sslmode");
    const rows = await query<{ email: string }>(
      url.toString(),
      "select email from users order by 1",
    );
    return rows.map(({ email }) => email);
  };

  const everybody = ["ben@acme.example", "nora@acme.example"];

  test("new, then reused", async () => {
    const first = await made({ branch_name: "pr-1" });
    expect(first).toMatchObject({ created: "true" });
    expect(first.db_url).toContain("sslmode=require");
    expect(await emails(first)).toEqual(everybody);
    expect(await made({ branch_name: "pr-1" })).toEqual({ ...first, created: "false" });
  });

  test("parent", async () => {
    const { branch_id } = await made({ branch_name: "pr-2", parent_branch: "main" });
    const main = await machine.branch(project, "main");
    const child = await machine.branch(project, "pr-2");
    expect(child).toMatchObject({ id: branch_id, parent_id: main.id });
    const lost = await action(machine, project, { branch_name: "x", parent_branch: "nowhere" });
    expect(lost.failure).toContain("not found");
  });

  test("ssl", async () => {
    const { db_url } = await made({ branch_name: "pr-3", ssl: "omit" });
    expect(db_url).not.toContain("sslmode");
    expect((await made({ branch_name: "pr-3", ssl: "verify-full" })).db_url).toContain(
      "sslmode=verify-full",
    );
  });

  test("expiry and suspend", async () => {
    const expires_at = new Date(Date.now() + 3_600_000).toISOString();
    await made({ branch_name: "pr-4", expires_at, suspend_timeout: "60" });
    const branch = await machine.branch(project, "pr-4");
    expect(branch).toMatchObject({ expires_at });
    const { endpoints } = await machine.api.get<{
      endpoints: { suspend_timeout_seconds: number }[];
    }>(`/projects/${project}/branches/${branch.id}/endpoints`);
    expect(endpoints[0]?.suspend_timeout_seconds).toBe(60);
  });

  test("schema-only", async () => {
    expect(await emails(await made({ branch_name: "pr-5", branch_type: "schema-only" }))).toEqual(
      [],
    );
  });

  test("masking rules", async () => {
    const rule = {
      database_name: "neondb",
      schema_name: "public",
      table_name: "users",
      column_name: "email",
      masking_function: "pg_catalog.concat(anon.dummy_uuidv4(), '@example.com')",
    };
    const outputs = await made({ branch_name: "pr-6", masking_rules: JSON.stringify([rule]) });
    await until("the end of the masking", async () => {
      const { state } = await machine.api.get<{ state: string }>(
        `/projects/${project}/branches/${outputs.branch_id}/anonymized_status`,
      );
      return state === "anonymized";
    });
    expect(await emails(outputs)).toEqual([
      expect.stringMatching(/^[0-9a-f-]{36}@example\.com$/),
      expect.stringMatching(/^[0-9a-f-]{36}@example\.com$/),
    ]);
    const again = await action(machine, project, {
      branch_name: "pr-6",
      masking_rules: JSON.stringify([rule]),
    });
    expect(again.failure).toBeDefined();
    const wrong = { ...rule, masking_function: "anon.no_such_function()" };
    const refused = await action(machine, project, {
      branch_name: "pr-7",
      masking_rules: JSON.stringify([wrong]),
    });
    expect(refused.failure).toBeDefined();
    await expect(machine.branch(project, "pr-7")).rejects.toThrow("No branch");
  });
}
