import { quoteIdentifier, quoteLiteral } from "../../postgres/quote.ts";
import { agentRole } from "../../postgres/schema/agent-owners.ts";

// The role that an agent's command logs in as owns what is in its branch, and may do nothing to roles or databases.

const limits = {
  statement_timeout: "5min",
  idle_in_transaction_session_timeout: "5min",
  lock_timeout: "1min",
};
const connections = 20;

export interface RoleInput {
  owner: string;
  database: string;
  /** Letters, digits, `-` and `_`. */
  password: string;
  /** Another run has made it. */
  exists: boolean;
  serverVersion: number;
}

/**
 * Statements for the owner's session. A fork has its parent's passwords, so the owner's would open main, too: the agent has a
 * role with one of its own. The owner's own sessions in this branch act as that role, so that what they make is the agent's.
 */
export function agentRoleSql(input: RoleInput): string[] {
  const [role, owner, database] = [agentRole, input.owner, input.database].map(quoteIdentifier);
  const password = quoteLiteral(input.password);
  // Before 16 a role that makes another one may act as it anyway, and the words are not known.
  const options = input.serverVersion >= 160_000 ? " with inherit true, set true" : "";
  const login = `login password ${password} connection limit ${connections}`;
  return [
    "set role none",
    `${input.exists ? "alter" : "create"} role ${role} ${login}`,
    `grant ${role} to ${owner}${options}`,
    `reassign owned by ${owner} to ${role}`,
    // Only who owns the database finds a password for it in the API.
    `alter database ${database} owner to ${owner}`,
    `grant create, temporary, connect on database ${database} to ${role}`,
    `do $$ begin if to_regnamespace('public') is not null then alter schema public owner to ${role}; end if; end $$`,
    ...Object.entries(limits).map(
      ([name, value]) => `alter role ${role} set ${name} = ${quoteLiteral(value)}`,
    ),
    `alter role ${owner} in database ${database} set role = ${quoteLiteral(agentRole)}`,
  ];
}
