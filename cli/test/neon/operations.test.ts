import { expect, test } from "vitest";
import { pausesOf, waitForOperations } from "../../src/neon/io/operations.ts";
import type { NeonReader } from "../../src/neon/io/reader.ts";

const operation = { id: "op-1", project_id: "p", action: "create_branch", status: "running" };

/** Says of every operation that it is `running` until the time is over. */
function readerUntil(over: number, end: object = { status: "finished" }) {
  const looks: number[] = [];
  const began = performance.now();
  const get = async () => {
    const at = performance.now() - began;
    looks.push(at);
    return { operation: { ...operation, ...(at >= over ? end : {}) } };
  };
  return { looks, reader: { get } as unknown as NeonReader };
}

const silent = { limitMs: 60_000, progress: async () => undefined, tell: () => {} };

test("the local engine is asked at once, and every few milliseconds", async () => {
  const { looks, reader } = readerUntil(200);
  const waiting = waitForOperations(reader, [operation] as never, {
    ...silent,
    pauses: pausesOf({ local: true }),
  });
  // Before any time has passed.
  expect(looks).toHaveLength(1);
  await waiting;
  expect(looks.length).toBeGreaterThan(2);
});

test("what takes long is told once it does, with how far it is", async () => {
  const { reader } = readerUntil(2_300);
  const told: string[] = [];
  await waitForOperations(reader, [operation] as never, {
    ...silent,
    pauses: pausesOf({ local: true }),
    progress: async (id) => `copying main for ${id}: 40 % of 4.1 GB`,
    tell: (text) => told.push(text),
  });
  expect(told).toEqual(["copying main for op-1: 40 % of 4.1 GB"]);
});

test("one that failed says why", async () => {
  const { reader } = readerUntil(0, { status: "failed", error: "no space left" });
  const waiting = waitForOperations(reader, [operation] as never, {
    ...silent,
    pauses: pausesOf({ local: true }),
  });
  await expect(waiting).rejects.toMatchObject({
    kind: "operation",
    message: 'the operation create_branch (op-1) ended as "failed": no space left',
  });
});
