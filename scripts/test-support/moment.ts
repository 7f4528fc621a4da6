import { until } from "./until.ts";

/** A moment in whole milliseconds: later than all that was committed here, and earlier than all that will be. */
export async function moment(): Promise<string> {
  const before = Date.now();
  await until("the next millisecond", () => Date.now() > before, { everyMs: 1 });
  return new Date().toISOString();
}
