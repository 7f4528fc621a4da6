import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfig } from "../../src/config/io/load.ts";
import type { DsError } from "../../src/errors/ds-error.ts";
import { scratchFolder } from "../helpers/scratch.ts";

let scratch: ReturnType<typeof scratchFolder>;
beforeEach(() => {
  scratch = scratchFolder();
  mkdirSync(join(scratch.path, ".git"));
});
afterEach(() => scratch.remove());

function load(refresh: string) {
  writeFileSync(
    join(scratch.path, "ds.config.ts"),
    `import { defineConfig, mask } from "@devstride/ds";
     export default defineConfig({ project: "p", stages: { prod: {} }, refresh: ${refresh} });`,
  );
  return loadConfig({ cwd: scratch.path, env: {}, home: join(scratch.path, "home") });
}

test("masks are plain data, and every default is filled in", async () => {
  const { refresh } = await load(`{
    from: "prod",
    tenant: { table: "organizations", column: "organization_id", demo: "org_demo" },
    tables: { users: "shared", comments: { via: "item_id" }, "audit.*": "skip" },
    columns: {
      "users.email": mask.email(),
      "*.notes": mask.text(),
      "audit.events.body": mask.json({ "lines[].by": mask.name() }),
    },
    references: { "files.owner_id": { type: "owner_type", to: { Item: "items.id", Import: null } } },
  }`);
  expect(refresh).toEqual({
    from: "prod",
    tenant: { table: "organizations", column: "organization_id", demo: "org_demo" },
    tables: { users: "shared", comments: { via: "item_id" }, "audit.*": "skip" },
    columns: {
      "users.email": { mask: "email" },
      "*.notes": { mask: "text", unique: false },
      "audit.events.body": {
        mask: "json",
        paths: { "lines[].by": { mask: "name", part: "full" } },
        others: "mask",
      },
    },
    references: {
      "files.owner_id": { type: "owner_type", to: { Item: "items.id", Import: null } },
    },
    crossTenant: "fail",
    maskKey: "DS_MASK_KEY",
  });
});

test("names that are quoted as in SQL", async () => {
  const rules = {
    tables: { '"odd.t able""q"': "skip", 'audit."a.b"': "skip" },
    columns: { '"odd.t able""q"."e.mail addr"': { mask: "email" } },
    references: { 'files."a.b",c': { to: '"x.y".a,"b.c"' } },
  };
  const { refresh } = await load(
    `{ from: "prod", tenant: { table: "o", demo: "1" }, ...${JSON.stringify(rules)} }`,
  );
  expect(refresh).toMatchObject(rules);
});

test("what is wrong is said at once, with the path of each", async () => {
  const error = (await load(`{
    from: "prd",
    tenant: { table: "a.b.c.d", demo: "x" },
    tables: { users: "sahred", x: { via: "a", where: "b" } },
    columns: { "users.email": { mask: "emial" }, phone: mask.phone(), "items.x": "email", "a.b": mask.json({ "x..y": mask.null() }) },
    references: { "a.b": {} },
    crossTenant: "nul",
    extra: 1,
  }`).catch((reason: unknown) => reason)) as DsError;
  expect(error.code).toBe("CONFIG_INVALID");
  expect(error.details.problems).toEqual([
    "refresh.tenant.table: must be a table, such as users or audit.events",
    'refresh.tables.users: must be "tenant", "shared", "reference", "keep", "skip", or an object with column, via, where, nullTenant',
    "refresh.tables.x: column, via and where exclude each other",
    "refresh.columns.users.email.mask: must be a mask, such as mask.email()",
    "refresh.columns.phone: must be a column of a table, such as users.email",
    "refresh.columns.items.x: must be a mask, such as mask.email()",
    "refresh.columns.a.b.paths.x..y: must be a path, such as contact.email, lines[].note or labels.*",
    'refresh.references.a.b: must be { to: "users.id" }, or { type, to: { Item: "items.id", ... } }',
    'refresh.crossTenant: must be "fail" or "null", or by column one of these or "allow"',
    "refresh.extra is not a setting",
    'refresh.from: there is no stage "prd" under `stages`',
  ]);
});

test("a rule for several names is one for each of them", async () => {
  const { refresh } = await load(`{
    from: "prod",
    tenant: { table: "o", demo: "1" },
    tables: { "jobs, audit.*": "skip" },
    else: "shared",
    columns: { '*.email,users."e, mail"': mask.email(), "*.phone": mask.phone() },
  }`);
  expect(refresh).toMatchObject({
    tables: { jobs: "skip", "audit.*": "skip" },
    else: "shared",
    columns: {
      "*.email": { mask: "email" },
      'users."e, mail"': { mask: "email" },
      "*.phone": { mask: "phone" },
    },
  });
  const error = (await load(`{
    from: "prod",
    tenant: { table: "o", demo: "1" },
    tables: { "a, b": "skip", "c, a": "shared" },
    else: "reference",
    columns: { "a.x, y": mask.email(), "a.x, b.x": mask.email(), "b.x": mask.phone() },
  }`).catch((reason: unknown) => reason)) as DsError;
  expect(error.details.problems).toEqual([
    "refresh.tables: says twice what a is",
    "refresh.else must be one of shared, skip",
    "refresh.columns.a.x, y: must be a column of a table, such as users.email",
  ]);
});
