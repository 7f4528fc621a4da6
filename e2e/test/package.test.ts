import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Checkout, repository } from "../support/checkout.ts";
import { count } from "../support/database.ts";
import { run, succeeded } from "../support/run.ts";
import { Sandbox } from "../support/sandbox.ts";
import type { Status } from "../support/status.ts";

// Somebody else's project: the packed command from npm, and a Drizzle folder of its own.
describe("the packed command in an empty project", () => {
  const sandbox = new Sandbox();
  const folder = join(sandbox.folder, "shop");
  const shop = new Checkout(folder, sandbox.env, join(folder, "node_modules/.bin/ds"));

  beforeAll(async () => {
    sandbox.make();
    mkdirSync(join(folder, "drizzle/meta"), { recursive: true });
    const pack = ["pack", "--pack-destination", sandbox.folder, "--silent"];
    const cli = join(repository, "cli");
    succeeded(await run("npm", pack, { cwd: cli, env: sandbox.env }));
    const tarball = readdirSync(sandbox.folder).find((name) => name.endsWith(".tgz")) ?? "";
    const manifest = { name: "shop", version: "1.0.0", private: true, type: "module" };
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
    const install = ["install", "--no-audit", "--no-fund", join(sandbox.folder, tarball)];
    succeeded(await run("npm", install, { cwd: folder, env: sandbox.installing }));
    writeFileSync(join(folder, ".gitignore"), "node_modules\n.env\n");
    succeeded(await run("git", ["init", "--quiet"], { cwd: folder, env: sandbox.env }));
  });

  afterAll(() => sandbox.close(shop));

  test("holds no more than it needs", () => {
    const installed = join(folder, "node_modules/@devstride/ds");
    expect(readdirSync(installed).sort()).toEqual(["README.md", "bin", "dist", "package.json"]);
    expect(existsSync(join(installed, "dist/config.d.ts"))).toBe(true);
    const notices = readFileSync(join(installed, "dist/THIRD_PARTY_NOTICES.txt"), "utf8");
    expect(notices).toMatch(/^pg \d[\s\S]*Permission is hereby granted/m);
  });

  test("without a config or a Drizzle folder: exit 3 and what to do", async () => {
    const empty = new Checkout(sandbox.folder, sandbox.env, join(folder, "node_modules/.bin/ds"));
    const result = await empty.ds(["setup", "--developer", "pat"], 3);
    expect(result.stderr).toContain("ds init");
  });

  test("`ds setup` makes a branch with the project's own migrations", async () => {
    writeMigration(folder, "0000_products", 0, "CREATE TABLE products (id int PRIMARY KEY);");
    succeeded(await shop.run(["setup", "--developer", "pat"]));
    expect(await count(shop.url(), "products")).toBe(0);
    const status = await shop.json<Status>(["db", "status"]);
    expect(status.branch).toMatchObject({ name: "dev-pat-local", parent: { name: "main" } });
    expect(status.migrations.applied).toHaveLength(1);
  });

  test("`ds init` writes a config that ds then uses, and that type-checks", async () => {
    await shop.ds(["init"]);
    expect((await shop.json<Status>(["db", "status"])).branch.name).toBe("dev-pat-local");
    const tsc = join(repository, "node_modules/.bin/tsc");
    const settings = ["--noEmit", "--strict", "--module", "nodenext", "--ignoreConfig"];
    succeeded(await shop.exec(tsc, [...settings, "ds.config.ts"]));
  });

  test("`ds db migrate` applies a new migration, then has nothing to do", async () => {
    writeMigration(folder, "0001_prices", 1, "ALTER TABLE products ADD COLUMN price int;");
    await shop.ds(["db", "migrate"]);
    expect(await count(shop.url(), "products where price is null")).toBe(0);
    const again = await shop.json<{ applied: unknown[]; pending: unknown[] }>(["db", "migrate"]);
    expect(again.pending).toEqual([]);
  });
});

/** One more entry of a version 7 journal, the format of drizzle-kit 0.31. */
function writeMigration(folder: string, tag: string, idx: number, sql: string): void {
  const entries = Array.from({ length: idx + 1 }, (_, at) => ({
    idx: at,
    version: "7",
    when: 1_790_000_000_000 + at,
    tag: at === idx ? tag : "0000_products",
    breakpoints: true,
  }));
  const journal = { version: "7", dialect: "postgresql", entries };
  writeFileSync(join(folder, "drizzle/meta/_journal.json"), JSON.stringify(journal));
  writeFileSync(join(folder, `drizzle/${tag}.sql`), sql);
}
