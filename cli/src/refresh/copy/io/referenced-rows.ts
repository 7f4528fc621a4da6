import type { Client } from "pg";
import { DsError } from "../../../errors/ds-error.ts";
import { relayCopy } from "../../../postgres/io/copy-relay.ts";
import type { TableName } from "../../model/catalogue.ts";
import { sameTable, shownName, sqlName } from "../../model/names.ts";
import type { Reference, RefreshPlan, TablePlan } from "../../model/plan.ts";
import { copyFailure } from "../../model/server-failure.ts";
import { isOwned, receiveSql, sendSql } from "../../plan/copy-sql.ts";
import type { ForeignKeyState, TableState } from "../load-sql.ts";
import {
  emptyReferenceSql,
  followedSelves,
  keepNewSql,
  missingKeysSql,
  orphansSql,
  parentsSql,
  takeKeysSql,
} from "../referenced-rows-sql.ts";
import type { Moved, Pair } from "./copy-tables.ts";
import type { LoadState } from "./table-state.ts";

/** Keys that are asked for at once: what bounds the memory of this process. */
const keysAtOnce = 10_000;
const examples = 3;

export interface ReferencedRowsReport {
  rounds: number;
  /** Rows that came because others refer to them, by table. */
  fetched: Map<TablePlan, number>;
  /** Those of them that belong to other organizations, and that the rules allow. */
  allowed: Map<TablePlan, number>;
  /** References to other organizations that were emptied, by name. */
  emptied: { reference: string; rows: number }[];
}

/**
 * Fetches the parents that copied rows refer to and that are not there, then theirs, until none is
 * missing. The target says what is missing: nothing of that passes through this process but keys.
 */
export async function copyReferencedRows(
  plan: RefreshPlan,
  state: LoadState,
  pair: Pair,
  onMoved: (moved: Moved) => void,
): Promise<ReferencedRowsReport> {
  const frontier = new ReferencedRows(plan, state, pair, onMoved);
  return frontier.run();
}

/** Rows whose parents are looked for: a whole table, or those that the last round brought. */
interface Children {
  table: TableName;
  rows: string;
  temporary: boolean;
}

const whole = (table: TableName): Children => ({ table, rows: sqlName(table), temporary: false });

class ReferencedRows {
  private readonly plan: RefreshPlan;
  private readonly state: LoadState;
  private readonly source: Client;
  private readonly target: Client;
  private readonly onMoved: (moved: Moved) => void;
  private readonly fetched = new Map<TablePlan, number>();
  private readonly allowed = new Map<TablePlan, number>();
  private readonly followed: Reference[];
  /** Those with a foreign key of their own: no table of the plan, whose rows are copied as their parent's. */
  private readonly partitions: TableName[];

  constructor(
    plan: RefreshPlan,
    state: LoadState,
    { source, target }: Pair,
    onMoved: (moved: Moved) => void,
  ) {
    this.plan = plan;
    this.state = state;
    this.source = source;
    this.target = target;
    this.onMoved = onMoved;
    this.followed = plan.references.filter((reference) => this.isFollowed(reference));
    this.partitions = this.followed
      .map(({ child }) => child)
      .filter((child) => !plan.tables.some(({ table }) => sameTable(table, child)));
  }

  async run(): Promise<ReferencedRowsReport> {
    let rounds = 0;
    // Whose parents have not been looked for: first all that was copied, then what the last round brought.
    let children = [...this.plan.tables.map(({ table }) => table), ...this.partitions].map(whole);
    while (children.length > 0) {
      rounds += 1;
      children = await this.round(children, rounds);
    }
    const emptied = [];
    for (const reference of this.plan.references) {
      const isEmptied = reference.crossTenant === "null" && this.staysAway(reference);
      if (isEmptied) emptied.push(await this.empty(reference));
    }
    for (const reference of this.plan.references) await this.refuse(reference);
    return {
      rounds,
      fetched: this.fetched,
      allowed: this.allowed,
      emptied: emptied.filter(({ rows }) => rows > 0),
    };
  }

  private async round(children: readonly Children[], number: number): Promise<Children[]> {
    const brought = new Map<TablePlan, string>();
    for (const { table, rows } of children) {
      for (const reference of this.followed) {
        if (!sameTable(reference.child, table)) continue;
        const parent = this.planOf(reference);
        if (parent === undefined) continue;
        const into = `pg_temp.ds_round_${number}_${this.plan.tables.indexOf(parent)}`;
        if (await this.bring(reference, parent, rows, into, brought.has(parent))) {
          brought.set(parent, into);
        }
      }
    }
    for (const { rows, temporary } of children) {
      if (temporary) await this.target.query(`drop table ${rows}`);
    }
    const plans = [...brought.keys()];
    const partitions = plans.some(({ table }) => this.stateOf(table)?.partitioned)
      ? this.partitions.map(whole)
      : [];
    const news = [...brought].map(([{ table }, rows]) => ({ table, rows, temporary: true }));
    return [...news, ...partitions];
  }

  /** @returns whether rows came, which then are in `into` as well */
  private async bring(
    reference: Reference,
    parent: TablePlan,
    children: string,
    into: string,
    intoExists: boolean,
  ): Promise<boolean> {
    const { target } = this;
    await target.query(
      `create temporary table ds_missing as ${missingKeysSql(reference, children)}`,
    );
    const take = takeKeysSql("pg_temp.ds_missing", reference.childKey.length, keysAtOnce);
    let came = 0;
    for (let keys = await this.take(take); keys.count > 0; keys = await this.take(take)) {
      if (came === 0 && !intoExists) await target.query(likeSql(into, parent));
      came += await this.bringChunk(reference, parent, keys.arrays, into);
      if (came === 0 && !intoExists) await target.query(`drop table ${into}`);
    }
    await target.query("drop table pg_temp.ds_missing");
    return came > 0;
  }

  private async take(sql: string): Promise<{ count: number; arrays: string[] }> {
    const { rows } = await this.target.query(sql);
    const { count = 0, ...arrays } = rows[0] ?? {};
    return { count, arrays: Object.values(arrays) };
  }

  private async bringChunk(
    reference: Reference,
    parent: TablePlan,
    keys: readonly string[],
    into: string,
  ): Promise<number> {
    const { source, target } = this;
    const settings = keys.map((_, at) => `set_config('ds.keys${at + 1}', $${at + 1}, false)`);
    await source.query(`select ${settings.join(", ")}`, [...keys]);
    const isAllowed = isOwned(parent) && reference.crossTenant === "allow";
    // Beyond an allowed row only what is allowed itself: the next round asks about its other references.
    const chained = isAllowed
      ? this.followed.filter(({ crossTenant }) => crossTenant === "allow")
      : this.followed;
    const select = parentsSql(
      parent,
      reference,
      this.typesOf(parent),
      followedSelves(chained, reference),
      isAllowed || parent.followed === "true" ? undefined : parent.followed,
    );
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

  private async empty(reference: Reference): Promise<{ reference: string; rows: number }> {
    const { rowCount } = await this.target.query(emptyReferenceSql(reference));
    return { reference: reference.name, rows: rowCount ?? 0 };
  }

  /**
   * A reference to what must not come along. Where a foreign key says so too, adding that key again finds
   * it sooner than looking here does.
   */
  private async refuse(reference: Reference): Promise<void> {
    if (reference.crossTenant === "null" || !this.staysAway(reference)) return;
    if (foreignKeyOf(this.state, reference)?.validated) return;
    const refusal = await crossTenantRefusal(this.target, this.plan, this.state, reference);
    if (refusal !== undefined) throw refusal;
  }

  /** Whether parents that are missing are to come, all of them or some. */
  private isFollowed(reference: Reference): boolean {
    const parent = this.planOf(reference);
    if (parent === undefined) return false;
    return parent.followed !== undefined || (isOwned(parent) && reference.crossTenant === "allow");
  }

  /** Whether some parents must not come: another organization's, or those of a table that is skipped. */
  private staysAway(reference: Reference): boolean {
    const parent = this.planOf(reference);
    if (parent === undefined) return false;
    return parent.class === "skip" || (isOwned(parent) && reference.crossTenant !== "allow");
  }

  private planOf({ parent }: Reference): TablePlan | undefined {
    return this.plan.tables.find(({ table }) => sameTable(table, parent));
  }

  private stateOf(table: TablePlan["table"]): TableState | undefined {
    return this.state.tables.find((state) => sameTable(state, table));
  }

  private typesOf({ table }: TablePlan): Record<string, string> {
    const columns = Object.entries(this.stateOf(table)?.columns ?? {});
    return Object.fromEntries(columns.map(([name, { type }]) => [name, type]));
  }
}

function add(counts: Map<TablePlan, number>, plan: TablePlan, count: number): void {
  counts.set(plan, (counts.get(plan) ?? 0) + count);
}

const likeSql = (name: string, { table }: TablePlan) =>
  `create temporary table ${name.replace("pg_temp.", "")} as select * from ${sqlName(table)} with no data`;

const foreignKeyOf = (state: LoadState, { name, child }: Reference): ForeignKeyState | undefined =>
  state.foreignKeys.find(
    (key) => key.name === name && sameTable(child, { schema: key.schema, name: key.table }),
  );

const described = ({ child, childColumns, name }: Reference) =>
  `${shownName(child)}.${childColumns.join(", ")} (${name})`;

const detailsOf = ({ name, child, parent }: Reference) => ({
  constraint: name,
  table: shownName(child),
  parent: shownName(parent),
});

/** Why a reference's constraint does not hold, with the rows' keys; undefined when it holds. */
export async function crossTenantRefusal(
  target: Client,
  plan: RefreshPlan,
  state: LoadState,
  reference: Reference,
): Promise<DsError | undefined> {
  const key = state.tables.find((table) => sameTable(table, reference.child))?.primaryKey ?? [];
  const { rows } = await target.query<{ key: string[]; refers: string[] }>(
    orphansSql(reference, key, examples + 1),
  );
  if (rows.length === 0) return undefined;
  const parent = plan.tables.find(({ table }) => sameTable(table, reference.parent));
  const pairs = (columns: readonly string[], values: readonly string[]) =>
    columns.map((column, at) => `${column} ${values[at]}`).join(", ");
  const shown = rows
    .slice(0, examples)
    .map(
      (row) =>
        `${key.length ? `${pairs(key, row.key)} -> ` : ""}${pairs(reference.parentColumns, row.refers)}`,
    )
    .join("; ");
  const where =
    parent?.class === "skip"
      ? `rows of ${shownName(reference.parent)}, which is skipped`
      : parent !== undefined && isOwned(parent)
        ? `rows of ${shownName(reference.parent)} that belong to another organization`
        : `rows of ${shownName(reference.parent)} that are not there`;
  return new DsError(
    "REFUSED",
    `${described(reference)} refers to ${where}: ${shown}${rows.length > examples ? " and more" : ""}`,
    {
      hint: "Decide in ds.config.ts, under refresh.crossTenant, what happens to it: null empties it, allow copies the row.",
      details: { ...detailsOf(reference), rows: rows.slice(0, examples) },
    },
  );
}
