import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { EngineErrorCode } from "../../lib/error-codes.ts";

type Fetch = (request: Request, ...more: never[]) => Response | Promise<Response>;

/**
 * Stands before the API. A stopping engine keeps its port, which is the lock of its home, until its
 * last Postgres has ended; meanwhile requests are told to come again.
 */
export class DrainGate {
  readonly #homeId: string;
  #underWay = 0;
  #closed = false;

  constructor(homeId: string) {
    this.#homeId = homeId;
  }

  before<F extends Fetch>(fetch: F): F {
    return (async (request: Request, ...more: never[]) => {
      if (this.#closed) return this.#refuse(request);
      this.#underWay += 1;
      try {
        return await fetch(request, ...more);
      } finally {
        this.#underWay -= 1;
      }
    }) as F;
  }

  /** Lets nothing in any more, and waits for what is under way, but not for ever. */
  async close(graceMs = 5000): Promise<void> {
    this.#closed = true;
    const deadline = Date.now() + graceMs;
    while (this.#underWay > 0 && Date.now() < deadline) await sleep(10);
  }

  #refuse(request: Request): Response {
    if (new URL(request.url).pathname === "/health") {
      return Response.json({ stopping: this.#homeId, pid: process.pid });
    }
    const message = "the engine is stopping; try again in a moment";
    const code: EngineErrorCode = "ENGINE_STOPPING";
    return Response.json({ request_id: randomUUID(), code, message }, { status: 503 });
  }
}
