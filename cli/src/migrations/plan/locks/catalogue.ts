import { quoteIdentifier } from "../../../postgres/quote.ts";

/**
 * What the database says of the tables that a statement reaches without naming them: foreign keys,
 * partitions, views, the tables of indexes. What an earlier statement of the same plan makes is not in
 * it, which is right: nobody else waits for that.
 *
 * Names are as SQL has them, `"a"` where the search path finds it, else `"s"."a"`.
 */

export interface CatalogueRelation {
  name: string;
  /** With its schema, whatever the search path. */
  qualified: string;
  schema: string;
  /** As in pg_class: r, p, v, m, f, and i or I for an index. */
  kind: string;
  /** Of an index. */
  table: string | null;
}

export interface CatalogueForeignKey {
  name: string;
  table: string;
  columns: string[];
  referenced: string;
  referencedColumns: string[];
  /** The unique index that it relies on. */
  index: string;
  /** As in pg_constraint: a, r, c, n, d. */
  onDelete: string;
  onUpdate: string;
  validated: boolean;
}

export interface CatalogueRows {
  relations: CatalogueRelation[];
  /** Without the copies that partitions have of their parent's. */
  foreignKeys: CatalogueForeignKey[];
  /** Tables and indexes, by inheritance or partitioning. */
  children: { parent: string; child: string; isDefault: boolean }[];
  /** Views, and tables with a rule or policy, by what these look at. */
  uses: { by: string; relation: string; columns: string[] }[];
}

export class LockCatalogue {
  static readonly empty = new LockCatalogue({
    relations: [],
    foreignKeys: [],
    children: [],
    uses: [],
  });

  readonly #rows: CatalogueRows;
  readonly #byName = new Map<string, CatalogueRelation>();

  constructor(rows: CatalogueRows) {
    this.#rows = rows;
    for (const relation of rows.relations) this.#byName.set(relation.qualified, relation);
    for (const relation of rows.relations) this.#byName.set(relation.name, relation);
  }

  find(name: string): CatalogueRelation | undefined {
    return this.#byName.get(name);
  }

  /** One name for each relation, however the SQL spells it. */
  nameOf(name: string): string {
    return this.find(name)?.name ?? name;
  }

  /** What VACUUM and ANALYZE take when they are given no table. */
  tables(schema?: string): string[] {
    return this.#rows.relations
      .filter(({ kind }) => kind === "r" || kind === "p" || kind === "m")
      .filter((relation) => schema === undefined || relation.schema === schema)
      .map(({ name }) => name);
  }

  relationsIn(schema: string): string[] {
    return this.#rows.relations
      .filter((relation) => relation.schema === schema && relation.table === null)
      .map(({ name }) => name);
  }

  isView(name: string): boolean {
    const kind = this.find(name)?.kind;
    return kind === "v" || kind === "m";
  }

  isPartitioned(name: string): boolean {
    const kind = this.find(name)?.kind;
    return kind === "p" || kind === "I";
  }

  /** The table or index with all that inherits from it, its partitions among them. */
  family(name: string): string[] {
    return this.#closure(name, (one) => this.#children(one).map(({ child }) => child));
  }

  /** The family of a partitioned table; of any other, itself. */
  partitions(name: string): string[] {
    return this.isPartitioned(name) ? this.family(name) : [name];
  }

  /** The partitioned tables that a table is a part of, whose foreign keys it has. */
  wholes(name: string): string[] {
    return this.#closure(name, (one) => this.partitionedParent(one) ?? []).slice(1);
  }

  /** The partitioned table that a table is a partition of. */
  partitionedParent(name: string): string | undefined {
    return this.#parents(this.nameOf(name)).find((parent) => this.isPartitioned(parent));
  }

  /** It holds what no other partition takes, so a change of these has to look at it. */
  defaultPartition(name: string): string | undefined {
    return this.#children(this.nameOf(name)).find(({ isDefault }) => isDefault)?.child;
  }

  tableOfIndex(index: string): string | undefined {
    return this.find(index)?.table ?? undefined;
  }

  indexesOf(name: string): string[] {
    const table = this.nameOf(name);
    return this.#rows.relations.filter((index) => index.table === table).map((index) => index.name);
  }

  /** By the bare name, which a constraint shares with its index. */
  hasIndex(name: string, index: string): boolean {
    const table = this.nameOf(name);
    const ending = `.${quoteIdentifier(index)}`;
    return this.#rows.relations.some(
      (relation) => relation.table === table && relation.qualified.endsWith(ending),
    );
  }

  foreignKeysOf(name: string): CatalogueForeignKey[] {
    const table = this.nameOf(name);
    return this.#rows.foreignKeys.filter((key) => key.table === table);
  }

  foreignKeysTo(name: string): CatalogueForeignKey[] {
    const table = this.nameOf(name);
    return this.#rows.foreignKeys.filter((key) => key.referenced === table);
  }

  /** Views, and tables with a rule or policy, that look at the table, or at the column of it. */
  usersOf(name: string, column?: string): string[] {
    const relation = this.nameOf(name);
    return this.#rows.uses
      .filter((use) => use.relation === relation)
      .filter((use) => column === undefined || use.columns.includes(column))
      .map(({ by }) => by);
  }

  /** What is read with a view; a materialized one has rows of its own. */
  behindView(name: string): string[] {
    return this.find(name)?.kind === "v" ? this.madeOf(name) : [];
  }

  /** What a view of either kind is made of, through the views that it is made of. */
  madeOf(name: string): string[] {
    const view = this.nameOf(name);
    const isOpen = (one: string) => one === view || this.find(one)?.kind === "v";
    const parts = (one: string) =>
      this.#rows.uses.filter(({ by }) => by === one).map(({ relation }) => relation);
    return this.#closure(view, (one) => (isOpen(one) ? parts(one) : [])).slice(1);
  }

  #children(parent: string) {
    return this.#rows.children.filter((row) => row.parent === parent);
  }

  #parents(child: string): string[] {
    return this.#rows.children.filter((row) => row.child === child).map(({ parent }) => parent);
  }

  /** Breadth first, and the first as it was given. */
  #closure(name: string, next: (name: string) => string | string[]): string[] {
    const found = new Set([this.nameOf(name)]);
    for (const one of found) for (const other of [next(one)].flat()) found.add(other);
    return [name, ...[...found].slice(1)];
  }
}
