import type { Client } from "pg";
import type { HasConfig, RefreshRules } from "../../../config/project-config.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { nothingChanged } from "../../../errors/nothing-changed.ts";
import type { HasNeon } from "../../../neon/io/client.ts";

import { connectPostgres } from "../../../postgres/io/connect.ts";
import { refusePooler } from "../../../postgres/pooler.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { ensureSeededStage } from "../../../setup/io/seeded-stage.ts";
import type { HasTarget, Target } from "../../../stages/io/target.ts";
import type { Database } from "../../copy/io/sessions.ts";
import { createLeasedBranch } from "./lease.ts";

/** Production, which is only ever read. */
export interface RefreshSource extends Database {
  /** For people: `stage prod (branch main of devstride-prod)`, `the database in PRODUCTION_URL`. */
  what: string;
  /** Its branch, where it is one of the API's. */
  branch: Target | undefined;
  /** Throws when the server does not say by itself that it is production. */
  verify(client: Client): Promise<void>;
  /** What is copied from: a copy of the branch, or production itself where there is only a URL. */
  freeze(): Promise<Frozen>;
}

interface Frozen extends Database {
  /** Removes the copy; does not fail. */
  release(): Promise<void>;
}

export async function openSource(
  context: Runtime & HasConfig & HasTarget & HasNeon & HasEngine,
  { from }: Pick<RefreshRules, "from">,
): Promise<RefreshSource> {
  return typeof from === "string" ? openStage(context, from) : openUrl(context, from);
}

async function openStage(
  context: Runtime & HasConfig & HasTarget & HasNeon & HasEngine,
  name: string,
): Promise<RefreshSource> {
  await ensureSeededStage(context, name, "ds db refresh-staging");
  const target = await context.target(name);
  const { project, branch } = target;
  const what = `stage ${name} (branch ${branch.name} of ${project.name})`;
  return {
    what,
    branch: target,
    connect: async () => connectPostgres(await target.connectionUrl(), { what, ...ourName }),
    verify: async (client) => {
      const { rows } = await client.query(
        "select current_setting('neon.branch_id', true) as id, current_setting('neon.project_id', true) as project",
      );
      const { id, project: projectId } = rows[0] ?? {};
      if (id === branch.id && (!projectId || projectId === project.id)) return;
      throw nothingChanged(
        "REFUSED",
        `${what} is not what answers there: the server says that it serves ${id || "no branch"}${projectId ? ` of ${projectId}` : ""}, not ${branch.id} of ${project.id}`,
        { reason: "NOT_PRODUCTION" },
      );
    },
    freeze: async () => {
      const copy = await createLeasedBranch(context, target, "refresh-source");
      const named = { what: `branch ${copy.name} of ${project.name}`, ...ourName };
      return { connect: () => connectPostgres(copy.url, named), release: copy.remove };
    },
  };
}

async function openUrl(
  { env }: Pick<Runtime, "env">,
  { variable, marker }: Exclude<RefreshRules["from"], string>,
): Promise<RefreshSource> {
  const url = env[variable]?.trim();
  if (!url) {
    throw new DsError("CONFIG_INVALID", `${variable} is not set: it has to hold production's URL`, {
      hint: `ds.config.ts names it, as refresh.from. A read replica's URL will do: export ${variable}=postgresql://…`,
    });
  }
  const what = `the database in ${variable}`;
  refusePooler(url, "a refresh needs", variable);
  const connect = () => connectPostgres(url, { what, ...ourName });
  return {
    what,
    branch: undefined,
    connect,
    verify: async (client) => {
      const answer = await askMarker(client, marker.query, what);
      if (answer === marker.value) return;
      throw nothingChanged(
        "REFUSED",
        `${what} does not say of itself that it is production: it answers ${answer === undefined ? "nothing" : `"${answer}"`} to the marker's question, not "${marker.value}"`,
        {
          reason: "NOT_PRODUCTION",
          hint: "The question is refresh.from.marker in ds.config.ts.",
        },
      );
    },
    freeze: async () => ({ connect, release: async () => {} }),
  };
}

const ourName = { applicationName: "ds db refresh-staging" };

async function askMarker(client: Client, query: string, what: string): Promise<string | undefined> {
  await client.query("begin read only");
  try {
    const { rows } = await client.query({ text: query, rowMode: "array" });
    const value = rows[0]?.[0];
    return value === null || value === undefined ? undefined : String(value);
  } catch (error) {
    throw nothingChanged(
      "REFUSED",
      `${what} cannot say whether it is production: ${(error as Error).message}`,
      {
        reason: "NOT_PRODUCTION",
        hint: "The question is refresh.from.marker in ds.config.ts.",
      },
    );
  } finally {
    await client.query("rollback").catch(() => {});
  }
}

/** A pooler hands each transaction to another session, and a snapshot is only for those that know it. */
/** Whether two connections lead to the same database, by whatever names: a lock of the one is seen by the other. */
export async function isSameDatabase(one: Client, other: Client): Promise<boolean> {
  const key = Math.floor(Math.random() * 2 ** 31);
  await one.query("select pg_catalog.pg_advisory_lock(4237461, $1)", [key]);
  try {
    const { rows } = await other.query(
      `select from pg_catalog.pg_locks l join pg_catalog.pg_database d on d.oid = l.database
       where l.locktype = 'advisory' and l.classid = 4237461 and l.objid = $1
         and d.datname = current_database()`,
      [key],
    );
    return rows.length > 0;
  } finally {
    await one.query("select pg_catalog.pg_advisory_unlock(4237461, $1)", [key]);
  }
}
