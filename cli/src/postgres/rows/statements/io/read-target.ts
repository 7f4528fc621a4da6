import type { Client } from "pg";
import { isOwnObject } from "../../../own-schema.ts";
import { quoteQualified } from "../../../quote.ts";
import {
  type Actor,
  type ForeignKey,
  type Sequence,
  type Target,
  type TargetTable,
  tableId,
} from "../target.ts";
import { actorsSql, foreignKeysSql, sequencesSql, targetTablesSql } from "../target-sql.ts";

type Named = [schema: string, name: string];
type Row<T, Keys extends keyof T> = Omit<T, Keys> & Record<Keys, Named>;

/** The constraints and triggers of the database that statements are for; within the comparison's transaction. */
export async function readTarget(client: Client): Promise<Target> {
  const tables = await client.query<TargetTable>(targetTablesSql);
  const keys = await client.query<Row<ForeignKey, "child" | "parent">>(foreignKeysSql);
  const actors = await client.query<Row<Actor, "of">>(actorsSql);
  const id = ([schema, name]: Named) => tableId({ schema, name });
  return {
    tables: new Map(tables.rows.map((table) => [tableId(table), table])),
    foreignKeys: keys.rows.map((key) => ({
      ...key,
      child: id(key.child),
      parent: id(key.parent),
    })),
    actors: actors.rows.map((actor) => ({ ...actor, of: id(actor.of) })),
  };
}

export interface SequenceState extends Sequence {
  /** As setval() takes them; undefined where the role may not read it. */
  state: { value: string; isCalled: boolean } | undefined;
}

/** How many are asked at once. */
const atOnce = 200;

export async function readSequences(client: Client): Promise<SequenceState[]> {
  const { rows } = await client.query<
    Omit<Sequence, "tables"> & { readable: boolean; tables: Named[] }
  >(sequencesSql);
  const sequences = rows.filter((each) => !isOwnObject(each));
  const states = new Map<number, SequenceState["state"]>();
  for (let start = 0; start < sequences.length; start += atOnce) {
    const parts = sequences
      .slice(start, start + atOnce)
      .flatMap(({ schema, name, readable }, index) =>
        readable
          ? [
              `select ${start + index} as at, last_value::text as value, is_called as "isCalled" from ${quoteQualified(schema, name)}`,
            ]
          : [],
      );
    if (parts.length === 0) continue;
    const found = await client.query<{ at: number; value: string; isCalled: boolean }>(
      parts.join(" union all "),
    );
    for (const { at, value, isCalled } of found.rows) states.set(at, { value, isCalled });
  }
  return sequences.map(({ schema, name, tables }, index) => ({
    schema,
    name,
    tables: tables.map(([of, table]) => tableId({ schema: of, name: table })),
    state: states.get(index),
  }));
}
