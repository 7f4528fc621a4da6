import { listed } from "../../../../lib/format/listed.ts";
import type { Action } from "../../actions/action.ts";
import type { Rule, Subject } from "../rule.ts";
import { ruleOn } from "../rule.ts";
import { shown } from "../words.ts";

/** What takes long where the table is large. */
const isWork = ({ action, effects }: Subject): boolean =>
  effects.length > 0 ||
  action.kind === "query" ||
  action.kind === "update" ||
  action.kind === "delete" ||
  (action.kind === "insert" && action.fromQuery);

export const workUnderLock: Rule = {
  name: "work-under-lock",
  once: true,
  group: "blocking",
  severity: "warning",
  what: "Work on rows while the transaction holds a lock of another table that others wait for",
  peers: ["eugene E4", "eugene E10", "pgfence"],
  find(subject) {
    const { action, actions, schema, transaction } = subject;
    if (action !== actions[0] || !isWork(subject)) return undefined;
    const own = new Set(
      actions.flatMap((one) => ("table" in one && one.table ? [schema.qualified(one.table)] : [])),
    );
    if (own.size > 0 && [...own].every((name) => schema.table(name)?.isNew)) return undefined;
    const held = transaction.heldBesides(own);
    if (held.length === 0) return undefined;
    const names = held.map(({ line, table }) => `${shown(table)} (since line ${line})`);
    return {
      table: held[0]?.table,
      weighs: held.map(({ table }) => table),
      says: `works on rows while ${listed(names)} ${held.length === 1 ? "is" : "are"} locked: who waits for that waits for this too`,
      instead: "put it into a migration of its own, or a COMMIT before it",
    };
  },
};

export const backfillWithChange = ruleOn(["update", "delete"], {
  name: "backfill-with-change",
  group: "blocking",
  severity: "warning",
  what: "`UPDATE` or `DELETE` of a table in the transaction that has altered it",
  peers: ["strong_migrations backfill", "pgfence", "eugene E4"],
  find({ kind, table }, { schema, transaction }) {
    const line = transaction.alteredAt(schema.qualified(table));
    if (line === undefined || schema.table(table)?.isNew) return undefined;
    return {
      table,
      says: `${kind}s rows of ${shown(table)} while it is locked (altered in line ${line}): reads and writes wait until it is done`,
      instead: "put it into a migration of its own, in batches where the table is large",
    };
  },
});

export const bigUpdate = ruleOn(["update", "delete"], {
  name: "big-update",
  group: "blocking",
  severity: "warning",
  what: "`UPDATE` or `DELETE` of every row of a large table in one statement",
  peers: ["strong_migrations", "pgfence"],
  find({ all, kind, table }, { schema }) {
    if (!all || schema.table(table)?.isNew) return undefined;
    return {
      table,
      says: `${kind}s every row of ${shown(table)} in one transaction: writers of these rows wait, and its dead rows stay until it ends`,
      instead: "do it in batches",
    };
  },
});

export const severalAlters: Rule = {
  name: "several-alters",
  group: "blocking",
  severity: "note",
  off: true,
  what: "Several `ALTER TABLE` of one table where one would do",
  peers: ["eugene W12"],
  find({ action, actions, schema, transaction }) {
    if (action !== actions[0] || !isAlteration(action)) return undefined;
    const line = transaction.alteredAt(schema.qualified(action.table));
    if (line === undefined || schema.table(action.table)?.isNew) return undefined;
    return {
      table: action.table,
      says: `alters ${shown(action.table)} once more (after line ${line}): one ALTER TABLE would do`,
    };
  },
};

const alterations =
  /^(?:(?:add|drop|set)-(?:column|not-null|default|type|constraint|identity|expression)|row-security)$/;

export const isAlteration = (action: Action): action is Action & { table: string } =>
  alterations.test(action.kind);
