import { randomBytes } from "node:crypto";
import { verifySession } from "../../../branches/io/verify-session.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { noteMoment } from "../../../migrations/run/io/noted-moments.ts";
import { buildConnectionUrl, parseConnectionUrl } from "../../../postgres/connection-url.ts";
import { withPostgres } from "../../../postgres/io/connect.ts";
import { agentRole } from "../../../postgres/schema/agent-owners.ts";
import { isServerError } from "../../../postgres/server-error.ts";
import type { Target } from "../../../stages/io/target.ts";
import { agentRoleSql } from "../role-sql.ts";

/** Gives the agent's branch a role with limits, and notes the moment to which `ds db undo` goes back. */
export async function agentLogin(
  target: Target,
  detail: string,
): Promise<{ url: string; password: string; before: string }> {
  const owner = await target.connectionUrl();
  const parts = parseConnectionUrl(owner);
  const password = randomBytes(24).toString("base64url");
  const before = await withPostgres(
    owner,
    { what: `branch ${target.branch.name}` },
    async (client) => {
      await verifySession(client, target);
      const { rows } = await client.query<{ exists: boolean; version: number }>(
        `select current_setting('server_version_num')::int as version,
         exists (select from pg_catalog.pg_roles where rolname = $1) as exists`,
        [agentRole],
      );
      const statements = agentRoleSql({
        owner: parts.user,
        database: parts.database,
        password,
        exists: rows[0]?.exists === true,
        serverVersion: rows[0]?.version ?? 0,
      });
      // One simple query is one transaction; the password is in no log of ours.
      await client.query(statements.join(";\n")).catch((error) => {
        throw roleRefused(error);
      });
      await client.query(`set role ${agentRole}`);
      return (await noteMoment(client, "agent", detail)).timestamp;
    },
  );
  const url = buildConnectionUrl({ ...parts, user: agentRole, password });
  return { url, password, before };
}

function roleRefused(error: unknown): unknown {
  if (!isServerError(error)) return error;
  return new DsError("UPSTREAM", `the agent's role cannot be made: ${error.message}`, {
    reason: "AGENT_ROLE_REFUSED",
    hint: "The role of ds.config.ts has to own the database, and may have to create roles.",
    details: { sqlState: error.code },
    cause: error,
  });
}
