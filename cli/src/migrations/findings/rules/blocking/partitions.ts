import { ruleOn } from "../rule.ts";
import { shown } from "../words.ts";

export const partitionBlocks = ruleOn(["attach-partition", "detach-partition"], {
  name: "partition-blocks",
  group: "blocking",
  severity: "warning",
  what: "`DETACH PARTITION` without `CONCURRENTLY`, `ATTACH PARTITION` of a table with rows",
  peers: ["squawk require-concurrent-partition-detach", "pgfence"],
  find({ concurrently, kind, partition, table }, { schema }) {
    if (schema.table(table)?.isNew) return undefined;
    if (kind === "detach-partition") {
      return concurrently
        ? undefined
        : {
            table,
            says: `takes ${shown(partition)} out of ${shown(table)} while reads and writes of both wait`,
            instead: "detach partition … concurrently: it runs in a step of its own",
          };
    }
    if (schema.table(partition)?.isNew) return undefined;
    return {
      table: partition,
      says: `checks every row of ${shown(partition)} against its bounds while it is locked`,
      instead:
        "add a check NOT VALID with its bounds, validate it, then attach it and drop the check",
    };
  },
});

export const triggerBlocks = ruleOn(["create-trigger"], {
  name: "trigger-blocks-writes",
  group: "blocking",
  severity: "note",
  what: "`CREATE TRIGGER` on a table that is there: writes wait until the transaction ends",
  peers: ["pgfence"],
  find: ({ table }, { schema }) =>
    schema.table(table)?.isNew
      ? undefined
      : {
          table,
          says: `adds a trigger to ${shown(table)}: writes wait until its transaction ends`,
        },
});
