import { DsError } from "../../errors/ds-error.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import {
  type Statements,
  writeStatements,
} from "../../postgres/rows/statements/io/write-statements.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { askPages, type SideTarget, tablesNamed, withSides } from "./diff-rows.ts";

interface RowStatementsWanted {
  /** Only these tables; empty: all but the records of migrations. */
  tables: readonly string[];
  /** Tables in which the records of migrations are, as `recordTables` has them. */
  records: readonly string[];
  write(sql: string): Promise<void>;
}

/** Writes the statements after which the base's rows are the branch's, both as they are now. */
export async function rowStatements(
  context: Pick<Runtime, "output" | "signal"> & HasNeon,
  sides: { base: SideTarget; branch: SideTarget },
  { tables, records, write }: RowStatementsWanted,
): Promise<Statements> {
  const { output, signal } = context;
  const { isWanted, checkAllSeen } = tablesNamed(tables, sides);
  const { base, branch } = sides;
  const isRecord = (table: string) => {
    const full = table.includes(".") ? table : `public.${table}`;
    return records.some((name) =>
      name.endsWith("*")
        ? full.startsWith(name.slice(0, -1))
        : full === name || full.startsWith(`${name}.`),
    );
  };
  const left = new Set<string>();
  return output.step(
    `Comparing the rows of ${branch.branch.name} with ${base.branch.name}`,
    (step) =>
      withSides({ signal }, sides, (clients) =>
        writeStatements(clients, {
          isWanted: (table) => {
            // A database with another's records would never get the migrations in between.
            if (tables.length === 0 && isRecord(table)) left.add(table);
            return isWanted(table) && !left.has(table);
          },
          changedPages: askPages(context, sides),
          isWhole: tables.length === 0,
          onTable: (table) => step.update(table),
          title: `Brings the rows of ${base.branch.name} to the state of ${branch.branch.name}`,
          remarks: () => {
            checkAllSeen();
            return [...left].map(
              (table) => `${table}: left out, as it records migrations; name it to have it`,
            );
          },
          refuse: (why) => {
            throw new DsError("CONFLICT", why, {
              reason: "ROWS_NEED_SCHEMA",
              hint: "Bring the other side's schema to the branch's first: ds db diff --migration",
            });
          },
          write,
          signal,
        }),
      ),
  );
}
