import type { Client } from "pg";
import { relayCopy } from "../../../postgres/io/copy-relay.ts";
import type { TableName } from "../../model/catalogue.ts";
import { sameTable, shownName, sqlName } from "../../model/names.ts";
import type { Reference, TablePlan } from "../../model/plan.ts";
import { copyFailure } from "../../model/server-failure.ts";
import { isOwned, receiveSql, sendSql } from "../../plan/copy-sql.ts";
import { isFollowed, type Load, parentPlan, stateOf, typesOf } from "../load.ts";
import { followedSelves, keepNewSql, parentsSql } from "../referenced-rows-sql.ts";
import type { Pair } from "./copy-tables.ts";
import { type Emptied, emptyCrossTenant, refuseCrossTenant } from "./cross-tenant.ts";
import { askForMissing } from "./missing-keys.ts";
import type { Moved } from "./transferred.ts";

export interface ReferencedRowsReport {
  rounds: number;
  /** Rows that came because others refer to them, by table. */
  fetched: Map<TablePlan, number>;
  /** Those of them that belong to other organizations, and that the rules allow. */
  allowed: Map<TablePlan, number>;
  emptied: Emptied;
}

/**
 * Fetches the parents that copied rows refer to and that are not there, then theirs, until none is
 * missing. The target says what is missing: nothing of that passes through this process but keys.
 */
export async function copyReferencedRows(
  load: Load,
  pair: Pair,
  onMoved: (moved: Moved) => void,
): Promise<ReferencedRowsReport> {
  const rows = new ReferencedRows(load, pair, onMoved);
  await rows.copy();
  const emptied = await emptyCrossTenant(pair, load);
  await refuseCrossTenant(pair, load);
  const { rounds, fetched, allowed } = rows;
  return { rounds, fetched, allowed, emptied };
}

/** Rows whose parents are looked for: a whole table, or those that the last round brought. */
interface Children {
  table: TableName;
  rows: string;
  temporary: boolean;
}

const whole = (table: TableName): Children => ({ table, rows: sqlName(table), temporary: false });

/** What one round has brought: the temporary table of each parent's new rows. */
interface Round {
  number: number;
  brought: Map<TablePlan, string>;
}

class ReferencedRows {
  rounds = 0;
  readonly fetched = new Map<TablePlan, number>();
  readonly allowed = new Map<TablePlan, number>();
  private readonly load: Load;
  private readonly source: Client;
  private readonly target: Client;
  private readonly onMoved: (moved: Moved) => void;
  private readonly followed: Reference[];
  /** Those with a foreign key of their own: no table of the plan, whose rows are copied as their parent's. */
  private readonly partitions: TableName[];

  constructor(load: Load, { source, target }: Pair, onMoved: (moved: Moved) => void) {
    this.load = load;
    this.source = source;
    this.target = target;
    this.onMoved = onMoved;
    const { tables, references } = load.plan;
    this.followed = references.filter((reference) => isFollowed(load, reference));
    this.partitions = this.followed
      .map(({ child }) => child)
      .filter((child) => !tables.some(({ table }) => sameTable(table, child)));
  }

  async copy(): Promise<void> {
    const { tables } = this.load.plan;
    // Whose parents have not been looked for: first all that was copied, then what the last round brought.
    let children = [...tables.map(({ table }) => table), ...this.partitions].map(whole);
    while (children.length > 0) {
      this.rounds += 1;
      children = await this.round(children);
    }
  }

  private async round(children: readonly Children[]): Promise<Children[]> {
    const round: Round = { number: this.rounds, brought: new Map() };
    for (const { table, rows } of children) {
      for (const reference of this.followed) {
        if (!sameTable(reference.child, table)) continue;
        const parent = parentPlan(this.load, reference);
        if (parent !== undefined) await this.bring(reference, parent, rows, round);
      }
    }
    for (const { rows, temporary } of children) {
      if (temporary) await this.target.query(`drop table ${rows}`);
    }
    const plans = [...round.brought.keys()];
    const partitions = plans.some(({ table }) => stateOf(this.load, table)?.partitioned)
      ? this.partitions.map(whole)
      : [];
    const news = [...round.brought].map(([{ table }, rows]) => ({ table, rows, temporary: true }));
    return [...news, ...partitions];
  }

  /** Fetches the parents of these children; rows that are new are in the round's table as well. */
  private async bring(
    reference: Reference,
    parent: TablePlan,
    children: string,
    { number, brought }: Round,
  ): Promise<void> {
    const { source, target } = this;
    const into = `pg_temp.ds_round_${number}_${this.load.plan.tables.indexOf(parent)}`;
    await askForMissing({ source, target }, reference, children, async () => {
      const isNew = !brought.has(parent);
      if (isNew) await target.query(likeSql(into, parent));
      const came = await this.bringChunk(reference, parent, into);
      if (came > 0) brought.set(parent, into);
      else if (isNew) await target.query(`drop table ${into}`);
    });
  }

  private async bringChunk(reference: Reference, parent: TablePlan, into: string): Promise<number> {
    const { source, target } = this;
    const isAllowed = isOwned(parent) && reference.crossTenant === "allow";
    // Beyond an allowed row only what is allowed itself: the next round asks about its other references.
    const chained = isAllowed
      ? this.followed.filter(({ crossTenant }) => crossTenant === "allow")
      : this.followed;
    const select = parentsSql(parent, {
      reference,
      types: typesOf(this.load, parent.table),
      selves: followedSelves(chained, reference),
      condition: isAllowed || parent.followed === "true" ? undefined : parent.followed,
    });
    const arrived = "pg_temp.ds_arrived";
    await target.query(likeSql(arrived, parent));
    const table = shownName(parent.table);
    try {
      await relayCopy(
        { client: source, sql: sendSql(select, parent) },
        { client: target, sql: receiveSql(parent, arrived) },
        (bytes, rows) => this.onMoved({ table, bytes, rows }),
      );
      const { rows } = await target.query<{ count: number }>(
        keepNewSql(parent, reference.parentColumns, arrived, into),
      );
      const count = rows[0]?.count ?? 0;
      add(this.fetched, parent, count);
      if (isAllowed) add(this.allowed, parent, count);
      await target.query(`drop table ${arrived}`);
      return count;
    } catch (error) {
      throw copyFailure(error, table);
    }
  }
}

function add(counts: Map<TablePlan, number>, plan: TablePlan, count: number): void {
  counts.set(plan, (counts.get(plan) ?? 0) + count);
}

const likeSql = (name: string, { table }: TablePlan) =>
  `create temporary table ${name.replace("pg_temp.", "")} as select * from ${sqlName(table)} with no data`;
