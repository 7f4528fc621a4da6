import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { answerOf } from "./registry.ts";
import { from, type Shape } from "./shape.ts";

/**
 * The identity service Logto, whose package has a file of SQL for each of its 80 tables: every one carries
 * the tenant, most have a trigger, row security and composite keys.
 */
export async function logto(folder: string): Promise<Shape | undefined> {
  const packed = await answerOf("npm", ["pack", "--silent", "@logto/schemas@1.43.0"], {
    cwd: folder,
  });
  if (packed === undefined) return undefined;
  await answerOf("tar", ["xzf", packed.trim().split("\n").at(-1) ?? ""], { cwd: folder });
  return { ...rest, schema: schemaOf(join(folder, "package/tables")) };
}

function schemaOf(folder: string): string {
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  const fill = (text: string, name: string) =>
    text
      .replace(/\$\{name\}/g, name)
      .replace(/\$\{database\}/g, "zoo")
      .replace(/\$\{password\}/g, "x");
  const afterEach = read("_after_each.sql");
  const order = (text: string) => Number(/init_order = ([\d.]+)/.exec(text)?.[1] ?? 10);
  const files = readdirSync(folder)
    .filter((file) => !file.startsWith("_a") && !file.startsWith("_b"))
    .map((file) => ({ name: file.replace(/\.sql$/, ""), text: read(file) }))
    .sort((a, b) => order(a.text) - order(b.text) || (a.name < b.name ? -1 : 1));
  const tables = files.map(({ name, text }) =>
    /no_after_each/.test(text) || name.startsWith("_")
      ? text
      : `${text};\n${fill(afterEach, name)}`,
  );
  return [role, tenants, ...tables, fill(read("_after_all.sql"), "")].join(";\n");
}

/** Roles belong to the server, which other cases share. */
const role = `do $$ begin create role logto_tenant_zoo noinherit; exception when duplicate_object then null; end $$`;

/** Its own package makes this one in code. */
const tenants = `create table tenants (
  id varchar(21) not null primary key, db_user varchar(128) unique, db_user_password varchar(128), name varchar(128) not null,
  tag varchar(64) not null, created_at timestamptz not null default now(), is_suspended boolean not null default false);`;

const rest: Omit<Shape, "schema"> = {
  fill: {
    root: "tenants",
    tenantColumns: ["tenant_id"],
    tenants: 3,
    rows: 4,
    values: {
      "*.tag": () => "production",
      "oidc_model_instances.model_name": () => "Session",
      "systems.value": (n) => ({ version: n }),
    },
  },
  rules: `{
  ${from},
  tenant: { table: "tenants", column: "tenant_id", demo: "" },
  tables: { systems: "reference" },
  columns: {
    // A part of the primary key, and no person's.
    "organization_jit_email_domains.email_domain": mask.keep(),
  },
}`,
  whole: { reference: ["systems"], skip: [] },
};
