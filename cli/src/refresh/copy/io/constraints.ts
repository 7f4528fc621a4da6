import type { Client } from "pg";
import { codeOf } from "../../../errors/code-of.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { isOfClass, sqlState } from "../../../postgres/sqlstate.ts";
import type { TableName } from "../../model/catalogue.ts";
import { sameTable, shownName } from "../../model/names.ts";
import type { Phase } from "../../model/phases.ts";
import type { RefreshPlan } from "../../model/plan.ts";
import { maskedConstraintHint, saidOf, serverFailure } from "../../model/server-failure.ts";
import { inParallel } from "../in-parallel.ts";
import type { Load } from "../load.ts";
import {
  addForeignKeySql,
  dropForLoadSql,
  type ForeignKeyState,
  indexSql,
  isValidatedLater,
  type LoadState,
  restoreAfterLoadSql,
  validateSql,
} from "../load-sql.ts";
import type { Pair } from "./copy-tables.ts";
import { crossTenantRefusal } from "./cross-tenant.ts";
import { differences, readLoadState } from "./table-state.ts";

/** Empties the plan's tables, and takes off what would slow a load down or act on its rows. */
export async function dropForLoad(client: Client, plan: RefreshPlan): Promise<LoadState> {
  const state = await readLoadState(client, loaded(plan));
  await inTransaction(client, dropForLoadSql(state)).catch((error) => {
    throw serverFailure(error, "emptying the tables of the scratch branch");
  });
  return state;
}

/** Indexes and foreign keys, each checked against the rows that are there now. */
export async function rebuildConstraints(
  pairs: readonly [Pair, ...Pair[]],
  load: Load,
  { update }: Pick<Phase, "update">,
): Promise<void> {
  const [first] = pairs;
  const clients = pairs.map(({ target }) => target) as [Client, ...Client[]];
  const { state } = load;
  for (const client of clients) await client.query("set maintenance_work_mem = '128MB'");
  const dropped = state.indexes.filter(({ droppable }) => droppable);
  await inParallel(clients, dropped, async (client, index) => {
    update(`index ${index.name}`);
    await inTransaction(client, indexSql(index)).catch((error) => {
      throw notBack(error, `index ${index.name} of ${index.table}`);
    });
  });
  for (const key of state.foreignKeys) {
    await first.target.query(addForeignKeySql(key)).catch(async (error) => {
      throw await violation(error, first, load, key);
    });
  }
  // Two checks of one table would wait for each other.
  await inParallel(
    pairs,
    byTable(state.foreignKeys.filter(isValidatedLater)),
    async (pair, keys) => {
      for (const key of keys) {
        update(`${key.name} of ${key.table}`);
        await pair.target.query(validateSql(key)).catch(async (error) => {
          throw await violation(error, pair, load, key);
        });
      }
    },
  );
}

/** The rest of it, and a comparison with what was: a difference is a failure. */
export async function restoreAfterLoad(client: Client, { plan, state }: Load): Promise<void> {
  await inTransaction(client, restoreAfterLoadSql(state));
  const after = await readLoadState(client, loaded(plan));
  const found = differences(state, after);
  if (found.length > 0) {
    throw new DsError(
      "UPSTREAM",
      `not everything came back on the scratch branch: ${found.join("; ")}`,
      { reason: "STATE_NOT_RESTORED", details: { differences: found } },
    );
  }
}

/** Tables that are emptied and filled: all but those that keep their rows. */
const loaded = ({ tables }: RefreshPlan): TableName[] =>
  tables.filter((each) => each.class !== "keep").map(({ table }) => table);

function byTable(keys: readonly ForeignKeyState[]): ForeignKeyState[][] {
  const groups = new Map<string, ForeignKeyState[]>();
  for (const key of keys) {
    const name = `${key.schema}.${key.table}`;
    groups.set(name, [...(groups.get(name) ?? []), key]);
  }
  return [...groups.values()];
}

/** A key that does not hold: the rows that it does not hold for, by their own keys. */
async function violation(
  error: unknown,
  pair: Pair,
  load: Load,
  key: ForeignKeyState,
): Promise<unknown> {
  const what = `constraint ${key.name} of ${shownName({ schema: key.schema, name: key.table })}`;
  if (codeOf(error) !== sqlState.foreignKeyViolation) return notBack(error, what);
  const reference = load.plan.references.find(
    ({ name, child }) =>
      name === key.name && sameTable(child, { schema: key.schema, name: key.table }),
  );
  const refusal = reference && (await crossTenantRefusal(pair, load, reference));
  return refusal ?? notBack(error, what, ofMainAlone(load, key));
}

/** A table that production does not have is in no reference of the plan. */
function ofMainAlone({ plan }: Load, { schema, table: name }: ForeignKeyState): string | undefined {
  const table = { schema, name };
  return plan.tables.some((each) => each.class === "keep" && sameTable(each.table, table))
    ? `${shownName(table)} keeps main's rows, and some of them refer to what goes. To empty it, write "skip" for it under refresh.tables in ds.config.ts.`
    : undefined;
}

function notBack(error: unknown, what: string, hint = maskedConstraintHint): unknown {
  const { code = "", message } = error as { code?: string; message: string };
  if (code === "") return error;
  const said = saidOf({ code, message });
  return new DsError("SQL_FAILED", `${what} does not hold for the copied rows: ${said}`, {
    reason: "CONSTRAINT_VIOLATED",
    ...(isOfClass(code, "integrityConstraintViolation") ? { hint } : {}),
    details: { sqlState: code },
    cause: error,
  });
}

async function inTransaction(client: Client, statements: readonly string[]): Promise<void> {
  await client.query("begin");
  try {
    for (const statement of statements) await client.query(statement);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  }
}
