import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A log-in takes some 15 ms; so many at a time are more than a quick machine has. */
const mostLogins = 40;
/** Beyond that who waits longest is sent away. */
const mostWaiting = 1000;
const roundMs = 100;
/** A client that Postgres waits for, while others wait for its place, has so long to answer. */
const silenceMs = 1000;
/** And so long in all. */
const longestMs = 5000;
/** Postgres sends nobody so much who has not logged in. */
const loggedInBytes = 16 * 1024;

/** A client's way through the gate, which ends when it is logged in or gone. */
export interface Login {
  /** The connection to Postgres, on which it logs in. */
  connected(server: Socket): void;
}

interface Attempt extends Login {
  client: Socket;
  server: Socket | undefined;
  since: number;
  fromClient: number;
  fromServer: number;
  /** Since when Postgres waits for the client, as far as was seen. */
  silentSince: number | undefined;
}

/**
 * Lets few clients of an endpoint log in at the same time. Postgres gives each a place among its
 * `max_connections` before it knows who they are, so whoever only connects could take them all, the engine's
 * own included. Where clients wait, those go who let Postgres wait; and who came last is first, as it is the one
 * that is certainly still there.
 */
export class LoginGate {
  readonly #loggedIn: () => Promise<ReadonlySet<number>>;
  readonly #attempts = new Set<Attempt>();
  readonly #waiting: { client: Socket; admit: () => void }[] = [];
  #makesRounds = false;

  /** `loggedIn` tells the client ports of Postgres' sessions that have logged in. */
  constructor(loggedIn: () => Promise<ReadonlySet<number>>) {
    this.#loggedIn = loggedIn;
  }

  /** Resolves when it is the client's turn; never, when it goes before. */
  enter(client: Socket): Promise<Login> {
    return new Promise((resolve) => {
      const admit = () => resolve(this.#begin(client));
      if (this.#attempts.size < mostLogins) return admit();
      this.#waiting.push({ client, admit });
      client.once("close", () => this.#forget(client));
      if (this.#waiting.length > mostWaiting) this.#waiting[0]?.client.destroy();
      void this.#makeRounds();
    });
  }

  #begin(client: Socket): Login {
    const attempt: Attempt = {
      client,
      server: undefined,
      since: Date.now(),
      fromClient: client.bytesRead,
      fromServer: 0,
      silentSince: undefined,
      connected: (server) => {
        attempt.server = server;
      },
    };
    this.#attempts.add(attempt);
    const end = () => this.#end(attempt);
    if (client.destroyed) end();
    else client.once("close", end);
    return attempt;
  }

  #end(attempt: Attempt): void {
    if (!this.#attempts.delete(attempt)) return;
    while (this.#attempts.size < mostLogins && this.#waiting.length > 0) {
      this.#waiting.pop()?.admit();
    }
  }

  #forget(client: Socket): void {
    const at = this.#waiting.findIndex((waiting) => waiting.client === client);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  async #makeRounds(): Promise<void> {
    if (this.#makesRounds) return;
    this.#makesRounds = true;
    while (this.#waiting.length > 0) {
      const idle = [...this.#attempts].filter((attempt) => letsWait(attempt, Date.now()));
      const known = await this.#loggedIn().catch(() => undefined);
      for (const attempt of [...this.#attempts]) {
        if (known && isLoggedIn(attempt, known)) this.#end(attempt);
      }
      // Where Postgres does not tell, they may be logged in.
      const gone = known ? idle.filter((attempt) => this.#attempts.has(attempt)) : [];
      for (const attempt of gone.slice(0, this.#waiting.length)) {
        if (!hasMoved(attempt)) attempt.client.destroy();
      }
      if (this.#waiting.length > 0) await sleep(roundMs);
    }
    this.#makesRounds = false;
  }
}

function isLoggedIn({ server }: Attempt, known: ReadonlySet<number>): boolean {
  if (!server) return false;
  return known.has(server.localPort ?? 0) || server.bytesRead > loggedInBytes;
}

/** Whether Postgres waits for this client, and has for long; notes what came from either since the last look. */
function letsWait(attempt: Attempt, now: number): boolean {
  const { client, server } = attempt;
  if (!server) return false;
  if (hasMoved(attempt) || attempt.silentSince === undefined) attempt.silentSince = now;
  attempt.fromClient = client.bytesRead;
  attempt.fromServer = server.bytesRead;
  // Before its first word it is Postgres that is busy.
  if (server.bytesRead === 0 && now - attempt.since < longestMs) return false;
  return now - attempt.silentSince >= silenceMs || now - attempt.since >= longestMs;
}

function hasMoved({ client, server, fromClient, fromServer }: Attempt): boolean {
  return client.bytesRead !== fromClient || (server?.bytesRead ?? 0) !== fromServer;
}
