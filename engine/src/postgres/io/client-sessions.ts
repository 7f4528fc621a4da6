import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { type AdminAddress, asAdmin } from "./admin.ts";

/** A log-in with TLS and SCRAM takes some 15 ms; a busy machine needs more. */
const logInMs = 150;
/** Then the stop goes on without waiting: somebody may have connected and never say who they are. */
const longestLogInMs = 2000;

/** Clients' connections to one server, so that its stop cuts nobody off who is just logging in. */
export class ClientSessions {
  #handedOutAt = 0;
  #open = 0;

  /** The server's port was given to somebody, who is about to connect. */
  handedOut(): void {
    this.#handedOutAt = Date.now();
  }

  /** Counts a client's connection, from the hand-over of the port until it is called back. */
  begin(): () => void {
    let isOpen = true;
    this.#open += 1;
    return () => {
      if (isOpen) this.#open -= 1;
      isOpen = false;
    };
  }

  /** Waits until those who were handed the port have logged in: a server that shuts down refuses them. */
  async untilLoggedIn(address: AdminAddress): Promise<void> {
    await sleep(Math.max(0, this.#handedOutAt + logInMs - Date.now()));
    const deadline = Date.now() + longestLogInMs;
    while (this.#open > 0 && Date.now() < deadline) {
      if ((await countSessions(address)) >= this.#open) return;
      await sleep(10);
    }
  }
}

/** The ports of clients that are not in the middle of logging in. */
export async function readLoggedInPorts(client: pg.Client): Promise<ReadonlySet<number>> {
  const { rows } = await client.query<{ port: number }>(
    `select client_port as port from pg_stat_activity
     where backend_type in ('client backend', 'walsender') and state is distinct from 'starting'
       and client_port is not null`,
  );
  return new Set(rows.map(({ port }) => port));
}

/** Sessions that are not in the middle of logging in (PostgreSQL 18 tells). */
function countSessions(address: AdminAddress): Promise<number> {
  return asAdmin(
    address,
    "postgres",
    async (client) => {
      const { rows } = await client.query<{ count: number }>(
        `select count(*)::int from pg_stat_activity
         where backend_type in ('client backend', 'walsender')
           and pid <> pg_backend_pid() and state is distinct from 'starting'`,
      );
      return rows[0]?.count ?? 0;
    },
    longestLogInMs,
  ).catch(() => Number.POSITIVE_INFINITY);
}
