import { quoteIdentifier, quoteQualified } from "../../quote.ts";
import { type Entry, qualified } from "./entries.ts";

/** Kinds whose DROP says `DROP kind name`, by what stands between ALTER and OWNER TO of theirs. */
const ownedKinds = new Set([
  ...[
    "SCHEMA",
    "TABLE",
    "FOREIGN TABLE",
    "VIEW",
    "MATERIALIZED VIEW",
    "SEQUENCE",
    "TYPE",
    "DOMAIN",
  ],
  ...["FUNCTION", "PROCEDURE", "AGGREGATE", "COLLATION", "CONVERSION", "STATISTICS", "PUBLICATION"],
  ...["OPERATOR", "OPERATOR CLASS", "OPERATOR FAMILY", "EVENT TRIGGER", "SERVER"],
  ...["FOREIGN DATA WRAPPER", "TEXT SEARCH CONFIGURATION", "TEXT SEARCH DICTIONARY"],
]);

/**
 * The statement that takes an object away; undefined where none is known, null where there is nothing to do, as it goes with
 * what it hangs on.
 */
export function dropStatement(entry: Entry, table: string | undefined): string | null | undefined {
  const { type, own, schema, setsOwner, statements } = entry;
  const [first = ""] = statements.filter((statement) => !statement.startsWith("SET "));
  if (ownedKinds.has(type) && setsOwner !== undefined) {
    const identity = /^ALTER [A-Z ]+? ((?:"|[a-z_\u0080-\uffff])[\s\S]*) OWNER TO /.exec(
      setsOwner,
    )?.[1];
    if (identity !== undefined) return `DROP ${type} ${identity}`;
  }
  switch (type) {
    case "CONSTRAINT":
    case "CHECK CONSTRAINT":
    case "FK CONSTRAINT":
      return `ALTER TABLE ${table} DROP CONSTRAINT ${quoteIdentifier(own)}`;
    case "INDEX":
      return `DROP INDEX ${quoteQualified(schema ?? "public", own)}`;
    case "TRIGGER":
    case "RULE":
    case "POLICY":
      return `DROP ${type} ${quoteIdentifier(own)} ON ${table}`;
    case "EXTENSION":
      return `DROP EXTENSION ${quoteIdentifier(own)}`;
    case "CAST":
      return first.replace(/^CREATE (CAST \([\s\S]*?\)) [\s\S]*$/, "DROP $1");
    case "USER MAPPING":
      return first.replace(
        /^CREATE (USER MAPPING FOR [\s\S]+? SERVER (?:"(?:[^"]|"")+"|\S+))[\s\S]*$/,
        "DROP $1",
      );
    case "ROW SECURITY":
      return first.replace(/ ENABLE ROW LEVEL SECURITY$/, " DISABLE ROW LEVEL SECURITY");
    case "TABLE ATTACH":
      return first.replace(
        new RegExp(` ATTACH PARTITION (${qualified}) [\\s\\S]*$`),
        " DETACH PARTITION $1",
      );
    case "SEQUENCE":
      return first.replace(
        /^(ALTER TABLE [\s\S]+ ALTER COLUMN \S+|.+?) ADD GENERATED [\s\S]*$/,
        "$1 DROP IDENTITY",
      );
    case "SEQUENCE OWNED BY":
      return first.replace(/ OWNED BY [\s\S]*$/, " OWNED BY NONE");
    case "DEFAULT":
      return first.replace(/ SET DEFAULT [\s\S]*$/, " DROP DEFAULT");
    case "COMMENT":
      return first.replace(/ IS (?:E?'(?:[^']|'')*')$/, " IS NULL");
    case "PUBLICATION TABLE":
      return first.replace(
        new RegExp(` ADD TABLE ((?:ONLY )?${qualified})[\\s\\S]*$`),
        " DROP TABLE $1",
      );
    case "PUBLICATION TABLES IN SCHEMA":
      return first.replace(" ADD TABLES IN SCHEMA ", " DROP TABLES IN SCHEMA ");
    case "INDEX ATTACH":
      return null;
    case "ACL":
    case "DEFAULT ACL":
      return privilegesTakenBack(statements).join(";\n");
    default:
      return undefined;
  }
}

/** The statements that undo grants and revocations, the last first. */
function privilegesTakenBack(statements: readonly string[]): string[] {
  return [...statements].reverse().flatMap((statement) => {
    const grant =
      /^([\s\S]*?)GRANT ([\s\S]+?) ON ([\s\S]+) TO ((?:"(?:[^"]|"")+"|\S+))( WITH GRANT OPTION)?$/.exec(
        statement,
      );
    if (grant) return [`${grant[1]}REVOKE ${grant[2]} ON ${grant[3]} FROM ${grant[4]}`];
    const revoke = /^([\s\S]*?)REVOKE ([\s\S]+?) ON ([\s\S]+) FROM ((?:"(?:[^"]|"")+"|\S+))$/.exec(
      statement,
    );
    if (revoke) return [`${revoke[1]}GRANT ${revoke[2]} ON ${revoke[3]} TO ${revoke[4]}`];
    // SET SESSION AUTHORIZATION around what another role has granted.
    return [];
  });
}
