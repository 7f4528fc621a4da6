import { ruleOn } from "../rule.ts";
import { column, shown } from "../words.ts";

export const indexBlocks = ruleOn(["create-index"], {
  name: "index-blocks-writes",
  group: "blocking",
  severity: "warning",
  what: "`CREATE INDEX` without `CONCURRENTLY` on a table that is there",
  peers: [
    "squawk require-concurrent-index-creation",
    "atlas PG101",
    "eugene E6",
    "strong_migrations add_index",
  ],
  find({ index, table }, { schema }) {
    if (index.concurrently || schema.table(table)?.isNew) return undefined;
    const name = index.name === undefined ? "the index" : `the index ${column(index.name)}`;
    return {
      table,
      says: `builds ${name} while writes to ${shown(table)} wait`,
      instead: `create ${index.unique ? "unique " : ""}index concurrently: it runs in a step of its own`,
    };
  },
});

export const dropIndexBlocks = ruleOn(["drop-index"], {
  name: "drop-index-blocks",
  group: "blocking",
  severity: "warning",
  what: "`DROP INDEX` without `CONCURRENTLY`",
  peers: [
    "squawk require-concurrent-index-deletion",
    "atlas PG102",
    "strong_migrations remove_index",
  ],
  find({ concurrently, index }, { schema }) {
    const known = schema.tableOfIndex(index);
    if (concurrently || known?.table.isNew) return undefined;
    const table = known?.table.name;
    return {
      table,
      says: `drops the index ${shown(index)} under a lock that reads and writes of its table wait for, and that waits for them`,
      instead: "drop index concurrently: it runs in a step of its own",
    };
  },
});

export const reindexBlocks = ruleOn(["reindex"], {
  name: "reindex-blocks",
  group: "blocking",
  severity: "warning",
  what: "`REINDEX` without `CONCURRENTLY`",
  peers: ["squawk require-concurrent-reindex", "atlas PG103"],
  find({ concurrently, name, what }, { schema }) {
    const table =
      what === "table"
        ? name
        : what === "index"
          ? schema.tableOfIndex(name)?.table.name
          : undefined;
    if (concurrently || (table !== undefined && schema.table(table)?.isNew)) return undefined;
    return {
      table,
      says: `rebuilds ${rebuilt(what, name)} while writes wait`,
      instead: "reindex (concurrently)",
    };
  },
});

const rebuilt = (what: string, name: string): string =>
  what === "index"
    ? `the index ${shown(name)}`
    : `every index of ${what === "table" ? shown(name) : `the ${what}`}`;
