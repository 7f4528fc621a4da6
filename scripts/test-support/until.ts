import { setTimeout as sleep } from "node:timers/promises";
import { limits, Patience } from "./limits.ts";

type Found<T> = T extends false | 0 | "" | null | undefined ? never : T;

export interface UntilOptions {
  everyMs?: number;
  stillMs?: number;
  /** Why there is nothing to wait for any more, such as the end of the program that was to do it. */
  hopeless?: () => string | undefined;
}

/**
 * Waits until the probe finds something, and returns that. A probe that throws has found nothing yet.
 * Gives up when what it finds, or fails with, has not changed for a while.
 */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  options: UntilOptions = {},
): Promise<Found<T>> {
  const patience = new Patience(options.stillMs ?? limits.still);
  let before: string | undefined;
  for (;;) {
    const reason = options.hopeless?.();
    let error: unknown;
    let found: T | undefined;
    try {
      found = await probe();
    } catch (caught) {
      error = caught;
    }
    if (found) return found as Found<T>;
    const seen = error ? String(error) : JSON.stringify(found);
    if (seen !== before) patience.renew();
    before = seen;
    if (reason !== undefined || patience.isOver()) {
      const why = reason ?? `found ${seen}`;
      throw new Error(`waited in vain for ${what}: ${why}`, { cause: error });
    }
    await sleep(options.everyMs ?? 20);
  }
}
