import type { Client } from "pg";
import { codeOf } from "../../../errors/code-of.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { isOfClass } from "../../../postgres/sqlstate.ts";
import { sameTable, shownName } from "../../model/names.ts";
import type { RefreshPlan } from "../../model/plan.ts";
import { requireSelects } from "./check-selects.ts";

/** What the source cannot give is said before anything is made, and before anything is emptied. */
export async function requireReadable(source: Client, plan: RefreshPlan): Promise<void> {
  await requireTenant(source, plan);
  await requireSelects(source, plan);
}

async function requireTenant(source: Client, { tenant, tables }: RefreshPlan): Promise<void> {
  const root = tables.find(({ table }) => sameTable(table, tenant.table));
  if (root?.filter === undefined) throw new Error("the plan has no table of organizations");
  const where = `${shownName(tenant.table)}.${tenant.key}`;
  const { rows } = await source
    .query(`select count(*)::int as count from ${root.from} t where ${root.filter}`)
    .catch((error: unknown) => {
      throw noKey(error, tenant.value, where);
    });
  const count = rows[0]?.count ?? 0;
  if (count === 1) return;
  throw new DsError(
    "NOT_FOUND",
    count === 0
      ? `the source has no organization ${tenant.value} (looked for in ${where})`
      : `the source has ${count} rows for the organization ${tenant.value} in ${where}: it does not identify one`,
    {
      reason: count === 0 ? "ORGANIZATION_NOT_FOUND" : "ORGANIZATION_AMBIGUOUS",
      hint: "Name it with -o, or as refresh.tenant.demo in ds.config.ts.",
      details: { organization: tenant.value },
    },
  );
}

/** The key came as text, and may be none of the column's type. */
function noKey(error: unknown, value: string, where: string): unknown {
  if (!isOfClass(codeOf(error) ?? "", "dataException")) return error;
  return new DsError(
    "USAGE",
    `${value} cannot be an organization: ${where} says ${(error as Error).message}`,
    {
      reason: "ORGANIZATION_INVALID",
      hint: "Name it with -o, or as refresh.tenant.demo in ds.config.ts.",
      details: { organization: value },
    },
  );
}
