// More than 300 lines: its cases share one server, whose start takes longer than any of them.

import { readdirSync, rmSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../../../scripts/test-support/until.ts";
import { type AppContext, makeContext } from "../../src/app-context.ts";
import { type Mask, mask } from "../../src/config/define/masks.ts";
import type { RefreshRules } from "../../src/config/project-config.ts";
import { withPostgres } from "../../src/postgres/io/connect.ts";
import { createLeasedBranch } from "../../src/refresh/run/io/lease.ts";
import { runRefresh } from "../../src/refresh/run/io/refresh.ts";
import { openSource, type RefreshSource } from "../../src/refresh/run/io/source.ts";
import { undoRefresh } from "../../src/refresh/run/io/undo.ts";
import type { DsProject } from "../helpers/ds-project.ts";
import { memoryOutput } from "../helpers/memory-output.ts";
import { makeShop, query } from "../helpers/refresh/shop.ts";

// A new main from production, on the real engine: what is exchanged, and what is left of a run that fails.

let project: DsProject;

async function newShop(): Promise<DsProject> {
  const shop = await makeShop();
  await query("insert into organizations values (9, 'staging')", await mainUrl(shop));
  await query("insert into organizations values (8, 'mine')", shop.url);
  return shop;
}

beforeAll(async () => {
  project = await newShop();
});
afterAll(() => project.remove());

function context(more: Partial<AppContext> = {}, { path, home } = project) {
  const { output, text } = memoryOutput();
  const made = makeContext({
    cwd: path,
    env: { DS_HOME: home },
    home,
    version: "0",
    interactive: false,
    terminal: { input: Readable.from([]), output: new Writable() },
    output,
    signal: new AbortController().signal,
    takeSignals: () => {},
    ...more,
  });
  return { context: made, text };
}

const mainUrl = async (shop = project) =>
  (await context({}, shop).context.target("main")).connectionUrl();
const organizations = async (url?: string) =>
  (
    await query<{ id: number }>(
      "select id from organizations order by id",
      url ?? (await mainUrl()),
    )
  ).map(({ id }) => id);
const branchNames = async (stage: string) =>
  (await context().context.target(stage)).branches.map(({ name }) => name).sort();

const noted = (note: Mask): RefreshRules => ({
  from: "prod",
  tenant: { table: "organizations", column: "organization_id", demo: "1" },
  tables: {},
  columns: { "organizations.name": mask.keep(), "orders.note": note },
  references: {},
  crossTenant: "fail",
  maskKey: "DS_MASK_KEY",
});

async function refresh(
  organization = "1",
  {
    context: own = context().context,
    source,
    yes = true,
    rules = noted(mask.token()),
  }: {
    context?: AppContext;
    source?: RefreshSource;
    yes?: boolean;
    rules?: RefreshRules;
  } = {},
) {
  const job = {
    main: await own.target("main"),
    source: source ?? (await openSource(own, rules)),
    rules,
    without: ["drizzle"],
    organization,
  };
  return runRefresh(own, job, yes);
}

describe("refused before anything starts", () => {
  test("nobody can be asked; an organization that is not there", async () => {
    const before = await branchNames("main");
    await expect(refresh("1", { yes: false })).rejects.toMatchObject({
      code: "CONFIRMATION_REQUIRED",
    });
    await expect(refresh("77")).rejects.toMatchObject({
      code: "NOT_FOUND",
      reason: "ORGANIZATION_NOT_FOUND",
      details: { organization: "77" },
    });
    expect(await branchNames("main")).toEqual(before);
  });

  const marker = { query: "select count(*) from organizations", value: "2" };
  const urlSource = async (url: string, value = "2") => {
    const own = makeContext({ ...context().context, env: { DS_HOME: project.home, PROD: url } });
    return openSource(own, { from: { variable: "PROD", marker: { ...marker, value } } });
  };

  test("the source is main itself, under another name for it", async () => {
    const source = await urlSource(await mainUrl());
    await expect(refresh("1", { source })).rejects.toMatchObject({
      code: "REFUSED",
      reason: "SAME_DATABASE",
    });
  });

  test("not production by its own word", async () => {
    const source = await urlSource(project.url);
    await expect(refresh("1", { source })).rejects.toMatchObject({
      code: "REFUSED",
      reason: "NOT_PRODUCTION",
    });
  });

  test("unreachable", async () => {
    const source = await urlSource("postgresql://nobody:secret@127.0.0.1:1/none");
    const error = await refresh("1", { source }).catch((caught) => caught);
    expect(error.code).toBe("UPSTREAM");
    expect(error.message).not.toContain("secret");
  });
});

describe("a refresh", () => {
  test("main has the organization, masked; everything else is as it was; twice piles nothing up", async () => {
    // Its own shop: the first refresh of a main is what it is about.
    const shared = project;
    project = await newShop();
    try {
      await firstRefreshes();
    } finally {
      await project.remove();
      project = shared;
    }
  });

  async function firstRefreshes(): Promise<void> {
    const url = await mainUrl();
    const report = await refresh("1");
    expect(report).toMatchObject({
      rows: 1501,
      masks: { "orders.note": "token" },
      excluded: [],
      tables: [
        { table: "organizations", rows: 1 },
        { table: "orders", rows: 1500 },
      ],
    });
    expect(await mainUrl()).toBe(url);
    expect(await organizations(url)).toEqual([1]);
    expect(await organizations(project.url)).toEqual([8]);
    expect(
      await query(
        "insert into orders (organization_id) values (1) returning id > 2900 as next",
        url,
      ),
    ).toEqual([{ next: true }]);
    const kept = report.recoveryPoint?.name;
    expect(kept).toMatch(/^main-before-refresh-\d{17}$/);

    await refresh("1");
    await refresh("2");
    expect(await organizations()).toEqual([2]);
    const names = await branchNames("main");
    expect(names.filter((name) => name.startsWith("main-before"))).toHaveLength(2);
    expect(names).toContain(kept);
    // The first old main is the original root, which stays; what a later refresh keeps has an end.
    const { branches } = await context().context.target("main");
    const later = branches.find(({ name }) => name.startsWith("main-before") && name !== kept);
    expect(later?.expiresAt).toBeDefined();
    expect(names.filter((name) => name.startsWith("refresh"))).toEqual([]);
    expect(await branchNames("prod")).toEqual(["main"]);
    expect(readdirSync(join(project.home, "refresh"))).toEqual(["mask-key"]);
  }

  test("a new branch has the new data, and ds db reset brings it to an old one", async () => {
    await refresh("2");
    const reset = await project.run(["db", "reset", "--yes"]);
    expect(reset.status, reset.stderr).toBe(0);
    expect(await organizations(project.url)).toEqual([2]);
  });

  test("--undo brings the state before back, and once more undoes that", async () => {
    await refresh("1");
    await refresh("2");
    for (const expected of [[1], [2]]) {
      const { context: own } = context();
      await undoRefresh(own, await own.target("main"), true);
      expect(await organizations()).toEqual(expected);
    }
  });

  test("from a URL, with migrations that main does not have yet", async () => {
    const url = (await context().context.target("prod")).connectionUrl();
    project.migrations.add("0001_more", "alter table orders add extra int;");
    const { context: usual, text } = context();
    const own = makeContext({
      ...usual,
      env: { DS_HOME: project.home, PROD: await url, DS_MASK_KEY: "0123456789abcdef" },
    });
    const marker = { query: "select name from organizations where id = 2", value: "the second" };
    const source = await openSource(own, { from: { variable: "PROD", marker } });
    const report = await refresh("2", { context: own, source });
    expect(report.migrations).toEqual(["0001_more"]);
    expect(text.err).toContain("main also gets 1 migration of this checkout: 0001_more");
    expect(await organizations()).toEqual([2]);
  });
});

describe("when it goes wrong", () => {
  test("an error half way: main is as before, no branch is left", async () => {
    const was = await organizations();
    const before = await branchNames("main");
    // Trials of the rules see some of the rows, and none that is wrong.
    const rules = noted(mask.sql("(1 / ({value} <> 'note 1500')::int)::text"));
    await expect(refresh("1", { rules })).rejects.toMatchObject({
      code: "SQL_FAILED",
      reason: "VALUE_MISFIT",
      details: { table: "orders", outcome: "unchanged" },
    });
    expect(await branchNames("main")).toEqual(before);
    expect(await branchNames("prod")).toEqual(["main"]);
    expect(await organizations()).toEqual(was);
  });

  test("somebody migrates main meanwhile: that is not taken away", async () => {
    const was = await organizations();
    const main = await context().context.target("main");
    const onMain = async (sql: string) =>
      withPostgres(await main.connectionUrl(), { what: "main" }, (client) => client.query(sql));
    const production = await openSource(context().context, { from: "prod" });
    const source: RefreshSource = {
      ...production,
      // The copy of main is made by then.
      freeze: async () => {
        await onMain(
          "insert into drizzle.__drizzle_migrations (hash, created_at) values ('new', 9e12)",
        );
        return production.freeze();
      },
    };
    await expect(refresh("1", { source })).rejects.toMatchObject({
      code: "CONFLICT",
      reason: "MIGRATED_MEANWHILE",
      details: { outcome: "unchanged" },
    });
    expect(await organizations()).toEqual(was);
    await onMain("delete from drizzle.__drizzle_migrations where hash = 'new'");
  });

  test("Ctrl-C in the middle of it", async () => {
    const abort = new AbortController();
    const { context: own, text } = context({ signal: abort.signal });
    const rules = noted(mask.sql("{value} || coalesce(pg_sleep(0.05)::text, '')"));
    const running = refresh("1", { context: own, rules });
    const interrupted = until("its copy", () => text.err.includes("has all migrations"));
    await Promise.all([
      interrupted.then(() => abort.abort()),
      expect(running).rejects.toMatchObject({
        code: "INTERRUPTED",
        details: { outcome: "unchanged" },
      }),
    ]);
    expect((await branchNames("main")).filter((name) => name.startsWith("refresh"))).toEqual([]);
    expect(await branchNames("prod")).toEqual(["main"]);
  });

  test.each(["before", "after", "before, then says no more of branches, without"] as const)(
    "the API answers 500 at the swap, %s doing it",
    async (when) => {
      const was = await organizations();
      const api = await faultyApi(when);
      const env = { DS_HOME: project.home, NEON_API_HOST: api.url, NEON_API_KEY: api.key };
      const { context: own } = context({ env, waitMs: 1000 });
      const running = refresh("1", { context: own });
      if (when === "after") {
        expect((await running).recoveryPoint?.name).toMatch(/^main-before-refresh/);
        expect(await organizations()).toEqual([1]);
      } else {
        await expect(running).rejects.toMatchObject({
          code: "UPSTREAM",
          details: { outcome: when === "before" ? "unchanged" : "unknown" },
        });
        expect(await organizations()).toEqual(was);
      }
      expect((await branchNames("main")).filter((name) => name.startsWith("refresh"))).toEqual([]);
      await api.close();
    },
  );

  test("two at once: the second is told who has it", async () => {
    const rules = noted(mask.sql("{value} || coalesce(pg_sleep(0.002)::text, '')"));
    const first = refresh("2", { rules });
    const names = () => branchNames("main");
    const scratch = await until("its branch", async () =>
      (await names()).find((name) => name.startsWith("refresh-of-main")),
    );
    await expect(refresh("1")).rejects.toMatchObject({
      code: "LOCKED",
      details: { pid: process.pid },
    });
    // Another home on this machine knows of it by the branch.
    const { context: own } = context();
    rmSync(join(project.home, "locks"), { recursive: true });
    await expect(refresh("1", { context: own })).rejects.toMatchObject({
      code: "LOCKED",
      reason: "REFRESH_RUNNING",
      details: { branches: [scratch] },
    });
    await first;
    expect(await organizations()).toEqual([2]);
  });
});

/**
 * The engine's API, of which the restore answers 500, having been done or not.
 *
 * @param when with more words: afterwards it lists no branches any more
 */
async function faultyApi(when: string) {
  const { stdout } = await project.run(["engine", "env", "--json"]);
  const { NEON_API_HOST, NEON_API_KEY } = JSON.parse(stdout);
  const target = new URL(NEON_API_HOST);
  let isSilent = false;
  const server: Server = createServer((incoming, answer) => {
    const fails = incoming.method === "POST" && incoming.url?.endsWith("/restore");
    const refuse = () => {
      answer.writeHead(500, { "content-type": "application/json" });
      answer.end(JSON.stringify({ request_id: "r", code: "", message: "internal error" }));
    };
    const isList = incoming.method === "GET" && /\/branches(\?|$)/.test(incoming.url ?? "");
    if (isList && isSilent) return refuse();
    if (fails) isSilent = when !== "before" && when !== "after";
    if (fails && when !== "after") return refuse();
    const { method, headers, url: path } = incoming;
    const options = { host: target.hostname, port: target.port, method, headers, path };
    const passed = request(options, (response) => {
      if (fails) return response.resume().on("end", refuse);
      answer.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(answer);
    });
    incoming.pipe(passed);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${target.pathname}`;
  const close = () => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(closed));
  };
  return { url, key: String(NEON_API_KEY), close };
}

test("a copy's end is put off while this process works with it, and never after it is removed", async () => {
  const target = await context().context.target("main");
  const copy = await createLeasedBranch(context().context, target, "refresh-source", 3000);
  const ends = async () =>
    (await context().context.target("main")).branches.find(({ id }) => id === copy.id)?.expiresAt;
  const first = Date.parse((await ends()) ?? "");
  await expect.poll(async () => Date.parse((await ends()) ?? "")).toBeGreaterThan(first + 3000);
  await copy.remove();
  expect(await ends()).toBeUndefined();
});
