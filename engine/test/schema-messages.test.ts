import { expect, test } from "vitest";
import { Limit } from "../src/postgres/pg-dump-limit.ts";
import { AnswerBuffer, RequestBuffer } from "../src/postgres/pg-dump-messages.js";
import { startupMessage } from "../src/postgres/wire-messages.ts";

const message = (type: string, body: Buffer | string) => {
  const content = Buffer.from(body);
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
};

const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

const startup = startupMessage({ user: "someone", database: "Größe" });
const query = message("Q", `select '${"x".repeat(20_000)}'\0`);
const extended = [message("P", "\0select 1\0\0\0"), message("B", "..."), message("E", "...")];

/** What comes out, and after how many bytes, when `bytes` go in in pieces of `size`. */
function inPieces<T>(bytes: Buffer, size: number, push: (piece: Buffer) => T | undefined) {
  const found: { after: number; result: T }[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const result = push(bytes.subarray(at, at + size));
    if (result !== undefined) found.push({ after: Math.min(at + size, bytes.length), result });
  }
  return found;
}

test.each([1, 3, 4, 5, 8192, 100_000])(
  "a request is sent once it is whole: pieces of %i",
  (size) => {
    const requests = new RequestBuffer();
    const push = (piece: Buffer) => requests.push(piece);
    for (const request of [startup, query, Buffer.concat([...extended, message("S", "")])]) {
      const found = inPieces(request, size, push);
      expect(found).toHaveLength(1);
      expect(found[0]?.after).toBe(request.length);
      expect(Buffer.compare(found[0]?.result ?? Buffer.alloc(0), request)).toBe(0);
    }
  },
);

test("what the server does not answer waits for what it does", () => {
  const requests = new RequestBuffer();
  requests.push(startup);
  for (const part of extended) expect(requests.push(part)).toBeUndefined();
  expect(requests.push(message("X", ""))).toBeUndefined();
});

const row = message("D", "x".repeat(1000));
const ready = message("Z", "I");

test.each([1, 4, 7, 64, 100_000])("an answer ends with ReadyForQuery: pieces of %i", (size) => {
  const answers = new AnswerBuffer();
  const answer = Buffer.concat([message("T", "..."), row, row, message("Z", "E")]);
  for (let round = 0; round < 2; round++) {
    const found = inPieces(answer, size, (piece) => answers.push(piece));
    expect(found.map(({ after }) => after)).toEqual([answer.length]);
    expect(Buffer.compare(found[0]?.result ?? Buffer.alloc(0), answer)).toBe(0);
    expect(answers.size).toBe(0);
  }
});

test("an answer ends where authentication needs the client, not where it is over", () => {
  const answers = new AnswerBuffer();
  const sasl = (step: number) => message("R", Buffer.concat([int32(step), Buffer.from("...")]));
  expect(answers.push(sasl(10))).toBeDefined();
  expect(answers.push(sasl(11))).toBeDefined();
  expect(answers.push(sasl(12))).toBeUndefined();
  expect(answers.push(message("R", int32(0)))).toBeUndefined();
  expect(answers.push(message("S", "a\0b\0"))).toBeUndefined();
  expect(answers.push(ready)).toBeDefined();
});

test("what came of an answer that breaks off is not lost", () => {
  const answers = new AnswerBuffer();
  const fatal = message("E", "SFATAL\0Mdatabase does not exist\0\0");
  expect(answers.push(fatal)).toBeUndefined();
  expect(Buffer.compare(answers.rest(), fatal)).toBe(0);
});

test("no more at once than the limit, in order, also after failures", async () => {
  const limit = new Limit(2);
  const finish: (() => void)[] = [];
  const begun: number[] = [];
  const work = (n: number) =>
    limit.run(async () => {
      begun.push(n);
      await new Promise<void>((resolve) => finish.push(resolve));
      if (n === 1) throw new Error("failed");
    });
  const all = Promise.allSettled([1, 2, 3, 4].map(work));
  await Promise.resolve();
  expect(begun).toEqual([1, 2]);
  finish[0]?.();
  await expect.poll(() => begun).toEqual([1, 2, 3]);
  finish[1]?.();
  await expect.poll(() => begun).toEqual([1, 2, 3, 4]);
  for (const end of finish) end();
  expect((await all).map(({ status }) => status)).toEqual([
    "rejected",
    ...Array(3).fill("fulfilled"),
  ]);
});
