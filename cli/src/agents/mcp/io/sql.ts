import type { Client } from "pg";
import { verifySession } from "../../../branches/io/verify-session.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { noteMoment } from "../../../migrations/run/io/noted-moments.ts";
import { readStatements } from "../../../migrations/sql/parse.ts";
import { parseConnectionUrl } from "../../../postgres/connection-url.ts";
import { connectPostgres } from "../../../postgres/io/connect.ts";
import { isServerError, type ServerError } from "../../../postgres/server-error.ts";
import { sqlState } from "../../../postgres/sqlstate.ts";
import type { Access } from "../access.ts";
import type { Answer } from "../answer.ts";
import { moreHint } from "../rows.ts";
import { checkStatement } from "../statement.ts";
import type { ToolInput } from "../tools.ts";
import { cancelSession, runStatement, type StatementOutcome } from "./run-statement.ts";
import type { McpServices } from "./services.ts";
import { sqlTarget } from "./sql-target.ts";

const usualRows = 100;
const usualTimeout = 30;

/** One statement in a session of its own, which ends with it. */
export async function sqlTool(
  services: McpServices,
  { sql, branch: name, rows = usualRows, timeout = usualTimeout }: ToolInput<"sql">,
  hide: (secret: string) => void,
): Promise<Answer> {
  const { target, access } = await sqlTarget(services, name);
  const { branch } = target;
  const destroys = checkStatement(await readStatements(sql), access);
  const url = await target.connectionUrl();
  hide(parseConnectionUrl(url).password ?? "");
  const session = await openSession(services, url, { what: `branch ${branch.name}`, timeout });
  const { client } = session;
  try {
    await verifySession(client, target);
    const moment =
      destroys === undefined ? undefined : await noteMoment(client, "statement", destroys);
    if (access === "read-only") await beginReadOnly(client);
    session.listen();
    const outcome = await runStatement(client, sql, rows);
    const undo = moment && undoWords(moment, destroys ?? "");
    return answer({ branch: branch.name, access, outcome, undo, notices: session.notices });
  } catch (error) {
    services.signal.throwIfAborted();
    throw isServerError(error) ? sqlFailed(error, access) : error;
  } finally {
    await session.end();
  }
}

interface Session {
  client: Client;
  /** What the server has said since `listen`. */
  notices: string[];
  listen(): void;
  end(): Promise<void>;
}

const mostNotices = 20;

/** A session that is cancelled when the call is, and that the server ends by itself when this process is gone. */
async function openSession(
  { signal }: McpServices,
  url: string,
  { what, timeout }: { what: string; timeout: number },
): Promise<Session> {
  const client = await connectPostgres(url, { what, applicationName: "ds mcp", signal });
  const notices: string[] = [];
  const { rows } = await client.query<{ pid: number }>(
    `select pg_backend_pid() as pid, set_config('statement_timeout', $1, false),
       set_config('lock_timeout', $1, false), set_config('idle_session_timeout', '60s', false)`,
    [`${timeout}s`],
  );
  // Not every system can watch a connection while a query runs.
  await client.query("set client_connection_check_interval = '1s'").catch(() => {});
  const cancel = () => void cancelSession(url, what, rows[0]?.pid ?? 0).catch(() => {});
  signal.addEventListener("abort", cancel, { once: true });
  return {
    client,
    notices,
    listen: () => {
      client.on("notice", ({ severity = "NOTICE", message = "" }) => {
        if (notices.length < mostNotices) notices.push(`${severity}: ${message}`);
      });
    },
    end: async () => {
      signal.removeEventListener("abort", cancel);
      await client.end().catch(() => {});
    },
  };
}

/** Once a snapshot is taken, nothing in the transaction can make it writable again. */
async function beginReadOnly(client: Client): Promise<void> {
  await client.query("begin read only");
  await client.query("select 1");
}

interface Facts {
  branch: string;
  access: Access;
  outcome: StatementOutcome;
  undo: string | undefined;
  notices: string[];
}

function answer({ branch, access, outcome, undo, notices }: Facts): Answer {
  const { columns, budget, command, affected } = outcome;
  const { rows, cut, shortened } = budget;
  const more = moreHint(cut, shortened);
  return {
    document: {
      branch,
      access,
      ...(command === undefined ? {} : { command }),
      ...(affected === undefined ? {} : { affected }),
      ...(columns.length === 0 ? {} : { columns, rows }),
      ...(more === undefined ? {} : { more }),
      ...(notices.length === 0 ? {} : { notices }),
      ...(undo === undefined ? {} : { undo }),
    },
    note: [
      `${columns.length === 0 ? (command ?? "Done") : `${rows.length} row${rows.length === 1 ? "" : "s"}`} on ${branch} (${access}).`,
      ...(more === undefined ? [] : [more]),
      ...(undo === undefined ? [] : [undo]),
    ].join(" "),
  };
}

function undoWords(moment: { timestamp: string; noted: boolean }, what: string): string {
  const at = `ds db restore --at ${moment.timestamp}`;
  return moment.noted
    ? `The statement ${what}. To go back to before it: undo, or ${at}`
    : `The statement ${what}. To go back to before it: ${at}`;
}

function sqlFailed(error: ServerError, access: Access): DsError {
  const { message, code, detail, hint, position } = error;
  const isReadOnly = code === sqlState.readOnlySqlTransaction && access === "read-only";
  const isCancelled = code === sqlState.queryCanceled;
  return new DsError("SQL_FAILED", message, {
    ...(isReadOnly ? { reason: "NOT_A_QUERY" as const } : {}),
    ...(isCancelled ? { reason: "STATEMENT_CANCELLED" as const } : {}),
    hint: isReadOnly
      ? "This branch may only be read. Change this checkout's own branch instead."
      : isCancelled
        ? "Ask for less, or give it a longer `timeout`."
        : hint,
    details: { sqlState: code, ...(detail && { detail }), ...(position && { position }) },
  });
}
