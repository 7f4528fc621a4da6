import type {
  Action,
  ColumnType,
  ConstraintKind,
  NewColumn,
  NewConstraint,
} from "../actions/action.ts";
import { bareName, quotedName } from "../actions/names.ts";

/**
 * A schema as far as rules ask for it, which follows a migration statement by statement. What it has not been told of
 * (offline, behind a block of code) it does not know: `table()` is undefined then, and a rule takes the safe side.
 */

export interface ColumnModel {
  name: string;
  type: ColumnType;
  notNull: boolean;
  hasDefault: boolean;
  identity: boolean;
  generated: boolean;
  /** A pending migration adds it. */
  isNew: boolean;
}

export interface ConstraintModel {
  name: string | undefined;
  kind: ConstraintKind;
  columns: string[];
  isValid: boolean;
  /** As SQL text, of a check. */
  expression: string | undefined;
  references: string | undefined;
}

export interface IndexModel {
  name: string | undefined;
  unique: boolean;
  /** Undefined for an expression. */
  columns: (string | undefined)[];
  partial: boolean;
}

export interface TableModel {
  /** With its schema, quoted. */
  name: string;
  columns: Map<string, ColumnModel>;
  constraints: ConstraintModel[];
  indexes: IndexModel[];
  /** A pending migration makes it: it is nobody else's, and empty. */
  isNew: boolean;
  /** A pending statement changes its rows: what they are now proves nothing. */
  rowsChange: boolean;
}

export interface SchemaFacts {
  searchPath: readonly string[];
  tables: readonly TableModel[];
  /** By their names with schema, quoted. */
  enums: ReadonlyMap<string, readonly string[]>;
}

export class SchemaModel {
  readonly #tables = new Map<string, TableModel>();
  readonly #enums: Map<string, string[]>;
  readonly #searchPath: readonly string[];

  constructor(facts?: SchemaFacts) {
    this.#searchPath = facts?.searchPath ?? ["public"];
    this.#enums = new Map([...(facts?.enums ?? [])].map(([name, values]) => [name, [...values]]));
    for (const table of facts?.tables ?? []) this.#tables.set(table.name, table);
  }

  table(name: string): TableModel | undefined {
    return this.#tables.get(this.#resolve(name, this.#tables));
  }

  column(table: string, column: string): ColumnModel | undefined {
    return this.table(table)?.columns.get(column);
  }

  constraint(table: string, name: string): ConstraintModel | undefined {
    return this.table(table)?.constraints.find((one) => one.name === name);
  }

  enumValues(type: string): readonly string[] | undefined {
    return this.#enums.get(this.#resolve(type, this.#enums));
  }

  tablesIn(schema: string): TableModel[] {
    const beginning = `${quotedName([schema])}.`;
    return [...this.#tables.values()].filter(({ name }) => name.startsWith(beginning));
  }

  tables(): TableModel[] {
    return [...this.#tables.values()];
  }

  tableOfIndex(index: string): { table: TableModel; index: IndexModel } | undefined {
    const bare = bareName(index);
    for (const table of this.#tables.values()) {
      const found = table.indexes.find(({ name }) => name === bare);
      if (found !== undefined) return { table, index: found };
    }
    return undefined;
  }

  /** Of any schema in the search path, and where there is none yet the first one's. */
  qualified(name: string): string {
    return this.#resolve(name, this.#tables);
  }

  apply(action: Action): void {
    switch (action.kind) {
      case "create-table":
      case "create-table-as":
        this.#create(action);
        return;
      case "drop-table":
        this.#tables.delete(this.#resolve(action.table, this.#tables));
        return;
      case "drop-schema":
        for (const { name } of this.tablesIn(action.schema)) this.#tables.delete(name);
        return;
      case "create-enum":
        this.#enums.set(this.#resolve(action.type, this.#enums), [...action.values]);
        return;
      case "add-enum-value":
        this.#enums.get(this.#resolve(action.type, this.#enums))?.push(action.value);
        return;
      case "drop-type":
        this.#enums.delete(this.#resolve(action.type, this.#enums));
        return;
      case "rename":
        this.#rename(action);
        return;
      case "truncate":
        for (const name of action.tables) this.#touch(name);
        return;
      default:
        if ("table" in action && action.table !== undefined) this.#change(action.table, action);
    }
  }

  #touch(name: string): void {
    const table = this.table(name);
    if (table !== undefined) table.rowsChange = true;
  }

  /** What was made so far was there before: of migrations that are applied. */
  takeAsGiven(): void {
    for (const table of this.#tables.values()) {
      table.isNew = false;
      table.rowsChange = false;
      for (const column of table.columns.values()) column.isNew = false;
    }
  }

  /** What a block of code may have done to any table is not known. */
  touchAll(): void {
    for (const table of this.#tables.values()) table.rowsChange = true;
  }

  #create(action: Extract<Action, { kind: "create-table" | "create-table-as" }>): void {
    const name = this.#resolve(action.table, this.#tables);
    if (this.#tables.has(name)) return;
    const table = emptyTable(name);
    this.#tables.set(name, table);
    if (action.kind === "create-table-as") return;
    for (const column of action.columns) addColumn(table, column);
    for (const constraint of action.constraints) addConstraint(table, constraint);
  }

  #rename({ from, table: name, to, what }: Extract<Action, { kind: "rename" }>): void {
    const table = name === "" ? undefined : this.table(name);
    if (what === "type") {
      const old = this.#resolve(from, this.#enums);
      const values = this.#enums.get(old);
      if (values === undefined) return;
      this.#enums.delete(old);
      this.#enums.set(sibling(old, to), values);
    }
    if (table === undefined) return;
    if (what === "table") {
      this.#tables.delete(table.name);
      table.name = sibling(table.name, to);
      this.#tables.set(table.name, table);
    }
    if (what === "column") renameColumn(table, from, to);
    if (what === "constraint") {
      for (const one of table.constraints) if (one.name === from) one.name = to;
    }
  }

  #change(name: string, action: Action): void {
    const table = this.table(name);
    if (table === undefined) return;
    switch (action.kind) {
      case "add-column":
        if (!table.columns.has(action.column.name)) addColumn(table, action.column);
        return;
      case "drop-column":
        dropColumn(table, action.column);
        return;
      case "set-type":
        patch(table, action.column, { type: action.type });
        return;
      case "set-not-null":
      case "drop-not-null":
        patch(table, action.column, { notNull: action.kind === "set-not-null" });
        return;
      case "set-default":
      case "drop-default":
        patch(table, action.column, { hasDefault: action.kind === "set-default" });
        return;
      case "add-constraint":
        addConstraint(table, action.constraint);
        return;
      case "validate-constraint":
        for (const one of table.constraints) if (one.name === action.name) one.isValid = true;
        return;
      case "drop-constraint":
        table.constraints = table.constraints.filter(({ name: own }) => own !== action.name);
        return;
      case "create-index":
        table.indexes.push({ ...action.index });
        return;
      case "update":
      case "delete":
      case "insert":
        table.rowsChange = true;
    }
  }

  #resolve(name: string, among: ReadonlyMap<string, unknown>): string {
    if (/^"(?:[^"]|"")*"\./.test(name)) return name;
    const inPath = this.#searchPath.map((schema) => `${quotedName([schema])}.${name}`);
    return inPath.find((one) => among.has(one)) ?? inPath[0] ?? name;
  }
}

const emptyTable = (name: string): TableModel => ({
  name,
  columns: new Map(),
  constraints: [],
  indexes: [],
  isNew: true,
  rowsChange: false,
});

/** Of the same schema. */
const sibling = (name: string, to: string): string =>
  name.replace(/"(?:[^"]|"")*"$/, () => quotedName([to]));

function addColumn(table: TableModel, column: NewColumn): void {
  const { constraints, default: given, generated, identity, name, notNull, serial, type } = column;
  const hasDefault = (given !== undefined && !given.isNull) || identity || serial;
  table.columns.set(name, {
    name,
    type,
    notNull,
    hasDefault,
    identity,
    generated: generated !== undefined,
    isNew: true,
  });
  for (const constraint of constraints) addConstraint(table, constraint);
}

function addConstraint(table: TableModel, constraint: NewConstraint): void {
  const { columns, expression, kind, name, notValid, references, usingIndex } = constraint;
  table.constraints.push({
    name,
    kind,
    columns,
    isValid: !notValid,
    expression,
    references: references?.table,
  });
  if (kind === "primary-key" || kind === "unique") {
    const made = table.indexes.find((index) => index.name === usingIndex);
    if (made === undefined) table.indexes.push({ name, unique: true, columns, partial: false });
  }
  if (kind !== "primary-key" && kind !== "not-null") return;
  for (const column of columns) patch(table, column, { notNull: true });
}

function patch(table: TableModel, name: string, change: Partial<ColumnModel>): void {
  const column = table.columns.get(name);
  if (column !== undefined) Object.assign(column, change);
}

function dropColumn(table: TableModel, name: string): void {
  table.columns.delete(name);
  table.constraints = table.constraints.filter(({ columns }) => !columns.includes(name));
  table.indexes = table.indexes.filter(({ columns }) => !columns.includes(name));
}

function renameColumn(table: TableModel, from: string, to: string): void {
  const column = table.columns.get(from);
  if (column === undefined) return;
  table.columns.delete(from);
  table.columns.set(to, { ...column, name: to });
  const renamed = <Name extends string | undefined>(name: Name) =>
    name === from ? (to as Name) : name;
  for (const one of table.constraints) one.columns = one.columns.map(renamed);
  for (const one of table.indexes) one.columns = one.columns.map(renamed);
}
