import { sqlState } from "../../../postgres/sqlstate.ts";
import { maskCode } from "../../masks/mask-code.ts";
import type { Catalogue, CatalogueCheck, CatalogueTable } from "../../model/catalogue.ts";
import { keyText, sameTable, shownColumn, shownName } from "../../model/names.ts";
import { isTaken, type RefreshPlan, type TablePlan } from "../../model/plan.ts";
import type { Problem } from "../../model/problem.ts";
import { saidOf } from "../../model/server-failure.ts";
import { type AdviceGround, advisedMasks } from "../../rules/advised-mask.ts";
import { columnOf, findTable } from "../../rules/links.ts";
import { maskSql } from "../../rules/mask-sql.ts";
import type { Asks } from "../../samples/io/attempt.ts";
import { checksOf, madeAtAll, tryColumn, tryRows } from "../../samples/io/try-masks.ts";
import { selectSql } from "../copy-sql.ts";
import type { Remark } from "../remarks.ts";
import { failureOf } from "./check-selects.ts";

interface Found {
  problems: Problem[];
  remarks: Remark[];
}

type Ground = Required<Pick<AdviceGround, "schema" | "target">> & AdviceGround;

/**
 * Tries the plan's masks on what rows of main have to be: on a sample of production's rows, masked there, and
 * on values that nobody has. The session is in a transaction, with the secret of the masks.
 */
export async function checkMasks(client: Asks, plan: RefreshPlan, ground: Ground): Promise<Found> {
  const found: Found = { problems: [], remarks: [] };
  for (const each of plan.tables.filter(({ class: tableClass }) => isTaken(tableClass))) {
    const table = ground.schema.catalogue.tables.find((one) => sameTable(one, each.table));
    const there = findTable(ground.target, each.table);
    if (!table?.readable || table.rowSecurity.active || !there) continue;
    for (const column of each.columns.filter(({ mask }) => mask === "sql")) {
      const trial = { table, check: madeAtAll(column.name), expressions: [column] };
      const verdict = await tryRows(client, trial);
      if (verdict.is === "holds") continue;
      // What planning alone finds is about no value of production's, so its sentence can be shown.
      const planned = await failureOf(client, selectSql({ ...each, columns: [column] }, []));
      if (planned === undefined && verdict.sqlState === sqlState.queryCanceled) {
        found.remarks.push({ table: shownName(table), code: "MASK_UNTRIED", column: column.name });
        continue;
      }
      const said = planned?.said ?? saidOf({ code: verdict.sqlState ?? "", message: "" });
      const reason = { code: "MASK_FAILS" as const, mask: "sql", rule: column.rule ?? "", said };
      found.problems.push({ kind: "rules", subject: shownColumn(table, column.name), reason });
    }
    for (const check of there.checks ?? []) {
      const isMasked = each.columns.some(
        ({ name, mask }) => mask !== undefined && check.columns.includes(name),
      );
      if (isMasked) await tryCheck(client, { each, table, check, ground }, found);
    }
  }
  return found;
}

interface Case {
  each: TablePlan;
  table: CatalogueTable;
  check: CatalogueCheck;
  ground: Ground;
}

async function tryCheck(client: Asks, of: Case, found: Found): Promise<void> {
  const { each, table, check, ground } = of;
  const columns = each.columns.filter(({ name }) => check.columns.includes(name));
  const trial = { table, check, expressions: columns };
  const [only] = columns;
  const alone =
    check.columns.length === 1 && only?.mask !== undefined
      ? { name: only.name, mask: only.mask }
      : undefined;
  const isWhole = columns.length === check.columns.length;
  const verdict = !isWhole
    ? { is: "untried" as const, sqlState: undefined }
    : alone
      ? await tryColumn(client, trial, { mask: alone.mask, source: ground.schema.catalogue })
      : await tryRows(client, trial);
  const { name: constraint, expression } = check;
  if (verdict.is === "untried") {
    const table = shownName(each.table);
    found.remarks.push({ table, code: "CHECK_UNTRIED", constraint, sqlState: verdict.sqlState });
  } else if (verdict.is === "fails") {
    const masks = columns.flatMap(({ name, mask }) => (mask ? [`${name}: ${mask}`] : []));
    found.problems.push({
      kind: "rules",
      subject: alone ? shownColumn(each.table, alone.name) : shownName(each.table),
      reason: alone
        ? { code: "MASK_BREAKS_CHECK", mask: alone.mask, constraint, check: expression }
        : { code: "MASKS_BREAK_CHECK", masks, constraint, check: expression },
      ...(alone ? { suggestion: await betterMask(client, of, alone.name) } : {}),
    });
  }
}

/** The first advised mask after which all checks of the column hold. */
async function betterMask(client: Asks, of: Case, name: string): Promise<string> {
  const { table, each, ground } = of;
  const column = columnOf(table, name);
  const subject = keyText(shownColumn(table, name));
  const source: Catalogue = ground.schema.catalogue;
  const checks = checksOf(findTable(ground.target, each.table)?.checks ?? [], name);
  for (const mask of column ? advisedMasks(table, column, ground) : []) {
    const made = column && maskSql(mask, { table, column }, ground);
    if (!made || !("sql" in made)) continue;
    const expressions = [{ name, expression: made.sql }];
    const verdicts = [];
    for (const check of checks) {
      verdicts.push(
        await tryColumn(client, { table, check, expressions }, { mask: mask.mask, source }),
      );
    }
    if (verdicts.every(({ is }) => is === "holds")) return `${subject}: ${maskCode(mask)},`;
  }
  return `${subject}: mask.keep(),  // no mask fits its check: look at its values first, or write mask.sql("...")`;
}
