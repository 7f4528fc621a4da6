import type { Readable } from "node:stream";

// Reads packets of Postgres' protocol, as far as a log-in needs them.

/** As Postgres itself: longer ones before the log-in are nonsense or an attack. */
const longestPacket = 10_000;

export interface Message {
  type: string;
  body: Buffer;
  /** Type, length and body, to be passed on. */
  whole: Buffer;
}

/** The first packet of a connection, which has no type; undefined when the stream ends before it. */
export async function readStartup(
  stream: Readable,
): Promise<{ code: number; whole: Buffer } | undefined> {
  const length = await readExactly(stream, 4);
  if (!length) return undefined;
  const rest = await readExactly(stream, checkedLength(length, 8));
  return rest && { code: rest.readInt32BE(0), whole: Buffer.concat([length, rest]) };
}

export async function readMessage(stream: Readable): Promise<Message | undefined> {
  const head = await readExactly(stream, 5);
  if (!head) return undefined;
  const size = checkedLength(head.subarray(1), 4);
  const body = size === 0 ? Buffer.alloc(0) : await readExactly(stream, size);
  return body && { type: head.toString("latin1", 0, 1), body, whole: Buffer.concat([head, body]) };
}

function checkedLength(bytes: Buffer, least: number): number {
  const length = bytes.readInt32BE(0);
  if (length < least || length > longestPacket) throw new Error("this is not Postgres' protocol");
  return length - 4;
}

/** `size` bytes; whatever comes after them stays in the stream. Undefined when it ends before. */
async function readExactly(stream: Readable, size: number): Promise<Buffer | undefined> {
  for (;;) {
    const bytes: Buffer | null = stream.read(size);
    // At the stream's end `read` gives what is left, however little.
    if (bytes) return bytes.length === size ? bytes : undefined;
    if (stream.destroyed || stream.readableEnded) return undefined;
    await moreOrEnd(stream);
  }
}

function moreOrEnd(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    const events = ["readable", "end", "close", "error"];
    const done = () => {
      for (const event of events) stream.off(event, done);
      resolve();
    };
    for (const event of events) stream.on(event, done);
  });
}
