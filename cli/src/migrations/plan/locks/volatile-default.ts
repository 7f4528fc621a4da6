import type { Node } from "libpg-query";

const volatileFunctions = new Set([
  "random",
  "gen_random_uuid",
  "uuidv4",
  "uuidv7",
  "uuid_generate_v4",
  "clock_timestamp",
  "timeofday",
  "nextval",
]);
const stableFunctions = new Set([
  "now",
  "statement_timestamp",
  "transaction_timestamp",
  "current_setting",
  "current_database",
  "to_char",
  "lower",
  "upper",
  "concat",
  "md5",
  "timezone",
  "date_trunc",
  "to_jsonb",
  "jsonb_build_object",
  "json_build_object",
]);

/** Why a new column's default has to be stored in every row, or undefined where it has not. */
export function volatileDefault(expression: Node): string | undefined {
  const functions = [...functionsIn(expression)];
  const volatile = functions.find((name) => volatileFunctions.has(name));
  if (volatile !== undefined) return `${volatile}() gives every row a default of its own`;
  const strange = functions.find((name) => !stableFunctions.has(name));
  return strange === undefined
    ? undefined
    : `stores the default in every row, if ${strange}() is volatile`;
}

function* functionsIn(tree: unknown): Generator<string> {
  if (typeof tree !== "object" || tree === null) return;
  for (const [key, child] of Object.entries(tree)) {
    if (key === "FuncCall") {
      const names = (child as { funcname?: Node[] }).funcname ?? [];
      const last = names.at(-1);
      if (last && "String" in last) yield last.String.sval ?? "";
    }
    yield* functionsIn(child);
  }
}
