import { tokenAt } from "../../../../postgres/sql-token.ts";
import type { Rule } from "../rule.ts";

/** NAMEDATALEN of Postgres as everybody builds it, less its final zero. */
const longestName = 63;

export const longName: Rule = {
  name: "identifier-too-long",
  group: "style",
  severity: "warning",
  what: "A name of more than 63 bytes, which Postgres cuts off",
  peers: ["squawk identifier-too-long"],
  find({ action, actions, sql }) {
    if (action !== actions[0]) return undefined;
    return [...new Set(namesIn(sql))]
      .filter((name) => Buffer.byteLength(name) > longestName)
      .map((name) => ({
        says: `the name ${name} has ${Buffer.byteLength(name)} bytes: Postgres cuts it off at ${longestName}`,
      }));
  },
};

/** The parser cuts them off as the server does, so they are read from the text. */
function* namesIn(sql: string): Generator<string> {
  for (let start = 0; start < sql.length; ) {
    const { end, kind } = tokenAt(sql, start);
    const text = sql.slice(start, end);
    if (kind === "word") yield text;
    if (kind === "name") yield text.slice(1, -1).replaceAll('""', '"');
    start = end;
  }
}
