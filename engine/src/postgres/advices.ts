import type { AdvisorIssue } from "../model/advisor-issue.ts";

/** What `GET /projects/{id}/advisors` looks for. Names and levels are those of Neon's advisor. */

export interface Advice
  extends Pick<AdvisorIssue, "name" | "title" | "level" | "facing" | "categories" | "description"> {
  /** Gives schema, table, and the object in question where it is not the table. */
  query: string;
  /** A sentence about what was found. */
  says: (table: string, object: string) => string;
}

const ownTables = `pg_class c join pg_namespace n on n.oid = c.relnamespace
   and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', '__ds')
   and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass
                    and e.objid = c.oid and e.deptype = 'e')`;

export const advices: readonly Advice[] = [
  {
    name: "policy_exists_rls_disabled",
    title: "Policy Exists RLS Disabled",
    level: "ERROR",
    facing: "EXTERNAL",
    categories: ["SECURITY"],
    description: "A table has row level security policies that are not in force.",
    query: `select n.nspname as schema, c.relname as table, string_agg(p.polname, ', ') as object
      from ${ownTables} join pg_policy p on p.polrelid = c.oid
      where not c.relrowsecurity group by 1, 2 order by 1, 2`,
    says: (table, policies) =>
      `Table ${table} has the policies ${policies}, but row level security is not enabled.`,
  },
  {
    name: "rls_enabled_no_policy",
    title: "RLS Enabled No Policy",
    level: "INFO",
    facing: "EXTERNAL",
    categories: ["SECURITY"],
    description:
      "Row level security is enabled, and without a policy nobody but the owner sees a row.",
    query: `select n.nspname as schema, c.relname as table, '' as object from ${ownTables}
      where c.relkind in ('r', 'p') and c.relrowsecurity
        and not exists (select from pg_policy p where p.polrelid = c.oid) order by 1, 2`,
    says: (table) => `Table ${table} has row level security enabled, but no policies.`,
  },
  {
    name: "unindexed_foreign_keys",
    title: "Unindexed foreign keys",
    level: "INFO",
    facing: "EXTERNAL",
    categories: ["PERFORMANCE"],
    description: "A foreign key has no index that begins with its columns.",
    query: `select n.nspname as schema, c.relname as table, k.conname as object
      from ${ownTables} join pg_constraint k on k.conrelid = c.oid and k.contype = 'f'
      where k.conparentid = 0 and not exists (
        select from pg_index i where i.indrelid = c.oid and i.indpred is null
          and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)
      order by 1, 2, 3`,
    says: (table, key) => `Table ${table} has the foreign key ${key} without a covering index.`,
  },
  {
    name: "no_primary_key",
    title: "No Primary Key",
    level: "INFO",
    facing: "EXTERNAL",
    categories: ["PERFORMANCE"],
    description: "A table has no primary key.",
    query: `select n.nspname as schema, c.relname as table, '' as object from ${ownTables}
      where c.relkind in ('r', 'p') and not c.relispartition
        and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)
      order by 1, 2`,
    says: (table) => `Table ${table} does not have a primary key.`,
  },
  {
    name: "duplicate_index",
    title: "Duplicate Index",
    level: "WARN",
    facing: "EXTERNAL",
    categories: ["PERFORMANCE"],
    description: "Two indexes of a table are the same but for their name.",
    query: `select n.nspname as schema, c.relname as table,
        string_agg(x.relname, ', ' order by x.relname) as object
      from ${ownTables} join pg_index i on i.indrelid = c.oid join pg_class x on x.oid = i.indexrelid
      group by n.nspname, c.relname, i.indkey::text, i.indclass::text, i.indcollation::text,
        i.indoption::text, i.indisunique, i.indnullsnotdistinct, x.relam,
        pg_get_expr(i.indexprs, i.indrelid), pg_get_expr(i.indpred, i.indrelid)
      having count(*) > 1 order by 1, 2, 3`,
    says: (table, indexes) => `Table ${table} has identical indexes: ${indexes}.`,
  },
];

export function issueOf(
  { query: _, says, ...advice }: Advice,
  found: { schema: string; table: string; object: string },
): AdvisorIssue {
  const { schema, table, object } = found;
  return {
    ...advice,
    detail: says(`${schema}.${table}`, object),
    remediation: "https://neon.com/docs/data-api/database-advisor",
    metadata: { schema, name: table, type: "table", ...(object && { object }) },
    cache_key: [advice.name, schema, table, object].filter(Boolean).join("_"),
  };
}
