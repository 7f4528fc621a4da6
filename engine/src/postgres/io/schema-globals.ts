import type pg from "pg";
import { settingTexts } from "../setting-list.ts";
import { adminRole, quoteIdentifier, quoteLiteral } from "./admin.ts";

/** Statements that make what a cluster has beside its databases' schemas; to be run one by one, in order. */
interface Globals {
  /** Roles with their passwords' verifiers, memberships and settings. */
  roles: string[];
  /** The databases, empty. */
  databases: string[];
  /** Privileges on databases, and settings of them: what could be in the way while they are filled. */
  afterwards: string[];
}

const rolesSql = `
  select format('create role %I with %s', rolname, concat_ws(' ',
      case when rolsuper then 'superuser' else 'nosuperuser' end,
      case when rolinherit then 'inherit' else 'noinherit' end,
      case when rolcreaterole then 'createrole' else 'nocreaterole' end,
      case when rolcreatedb then 'createdb' else 'nocreatedb' end,
      case when rolcanlogin then 'login' else 'nologin' end,
      case when rolreplication then 'replication' else 'noreplication' end,
      case when rolbypassrls then 'bypassrls' else 'nobypassrls' end,
      'connection limit ' || rolconnlimit,
      'password ' || quote_literal(rolpassword),
      'valid until ' || quote_literal(rolvaliduntil)))
  from pg_authid where rolname !~ '^pg_' and rolname not in ($1, 'neon_superuser') order by oid`;

/** As JSON, a row has no columns that its version of Postgres lacks. In the order in which they were granted: who grants on must have been granted the right to. */
const membershipsSql = `
  select format('grant %I to %I%s granted by %I', pg_get_userbyid(roleid), pg_get_userbyid(member),
    case when found ? 'inherit_option'
      then format(' with admin %s, inherit %s, set %s', found->>'admin_option', found->>'inherit_option', found->>'set_option')
      when admin_option then ' with admin option' else '' end,
    pg_get_userbyid(grantor))
  from pg_auth_members m, to_jsonb(m) found
  where pg_get_userbyid(member) !~ '^pg_' and pg_get_userbyid(member) not in ($1, 'neon_superuser')
  order by (found->>'oid')::bigint, m.ctid`;

const databasesSql = `
  select format('create database %I owner %I template template0 encoding %L lc_collate %L lc_ctype %L%s connection limit %s',
    datname, pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype,
    case found->>'datlocprovider'
      when 'i' then format(' locale_provider icu icu_locale %L', coalesce(found->>'datlocale', found->>'daticulocale'))
        || case when found->>'daticurules' is null then '' else format(' icu_rules %L', found->>'daticurules') end
      when 'b' then format(' locale_provider builtin builtin_locale %L', found->>'datlocale')
      when 'c' then ' locale_provider libc' else '' end,
    datconnlimit)
  from pg_database d, to_jsonb(d) found where not datistemplate and datname not in ('postgres', $1) order by oid`;

const privilegesSql = `
  select unnest(
    array[format('revoke all on database %I from public, %I', datname, pg_get_userbyid(datdba))] || (
      select array_agg(format('grant %s on database %I to %s%s', privilege_type, datname,
        case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end,
        case when is_grantable then ' with grant option' else '' end))
      from aclexplode(datacl)))
  from pg_database
  where datacl is not null and not datistemplate and datname not in ('postgres', $1)`;

const settingsSql = `
  select split_part(setting, '=', 1) as name, substr(setting, strpos(setting, '=') + 1) as value,
    case when setrole = 0 then format('database %I', datname)
         when setdatabase = 0 then format('role %I', pg_get_userbyid(setrole))
         else format('role %I in database %I', pg_get_userbyid(setrole), datname) end as whose
  from pg_db_role_setting left join pg_database on pg_database.oid = setdatabase, unnest(setconfig) setting
  where (setdatabase = 0 or datname <> 'postgres' and not datistemplate)
    and (setrole = 0 or pg_get_userbyid(setrole) <> $1)`;

async function settingStatements(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ whose: string; name: string; value: string }>(settingsSql, [
    adminRole,
  ]);
  return rows.map(({ whose, name, value }) => {
    const texts = settingTexts(name, value).map(quoteLiteral).join(", ");
    return `alter ${whose} set ${quoteIdentifier(name)} to ${texts}`;
  });
}

/** Reads all that from a server; `client` must be the superuser. */
export async function readGlobals(client: pg.Client): Promise<Globals> {
  const statements = async (text: string) => {
    const { rows } = await client.query<[string]>({ text, values: [adminRole], rowMode: "array" });
    return rows.map(([statement]) => statement);
  };
  return {
    roles: [...(await statements(rolesSql)), ...(await statements(membershipsSql))],
    databases: await statements(databasesSql),
    afterwards: [...(await statements(privilegesSql)), ...(await settingStatements(client))],
  };
}
