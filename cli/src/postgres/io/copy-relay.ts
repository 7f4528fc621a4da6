import type { Duplex } from "node:stream";
import type { Client, Connection, Submittable } from "pg";

/**
 * COPY from one server to another at the wire: what the one sends as CopyData is, byte for byte, what the
 * other takes as CopyData. So the messages are handed on as they come, in whatever pieces the socket gives
 * them, and only their headers are looked at. No row is taken apart, and no more is in memory than the two
 * sockets' buffers.
 *
 * A failure on either side leaves both sessions in the middle of a COPY: close them.
 *
 * @returns rows that the target took
 */
export async function relayCopy(
  source: Client,
  send: string,
  target: Client,
  receive: string,
  onMoved: (bytes: number, rows: number) => void,
): Promise<number> {
  const incoming = target.query(new CopyIn(receive));
  await incoming.started;
  const outgoing = source.query(new CopyOut(send, streamOf(target), onMoved));
  const [sent, received] = await Promise.all([outgoing.rows, incoming.rows]);
  if (sent !== received) throw new Error(`${sent} rows were sent, but ${received} arrived`);
  return received;
}

type Opened = Connection & { query(text: string): void };

const streamOf = (client: Client) =>
  (client as unknown as { connection: Connection }).connection.stream;

/** What pg asks of a query that it is given to run. */
abstract class CopyQuery implements Submittable {
  readonly rows: Promise<number>;
  protected readonly text: string;
  private count = Number.NaN;
  private readonly settle = settler<number>();

  constructor(text: string) {
    this.text = text;
    this.rows = this.settle.promise;
    // Whoever waits for the other side first learns of it there.
    this.rows.catch(() => {});
  }

  submit(connection: Connection): void {
    (connection as Opened).query(this.text);
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.count = Number(/^COPY (\d+)/.exec(text)?.[1]);
  }

  handleReadyForQuery(): void {
    this.settle.resolve(this.count);
  }

  handleError(error: Error): void {
    this.settle.reject(error);
  }
}

class CopyIn extends CopyQuery {
  readonly started: Promise<void>;
  private readonly starting = settler<void>();

  constructor(text: string) {
    super(text);
    this.started = this.starting.promise;
    this.started.catch(() => {});
  }

  handleCopyInResponse(): void {
    this.starting.resolve();
  }

  override handleError(error: Error): void {
    this.starting.reject(error);
    super.handleError(error);
  }
}

const copyData = 0x64;
const copyDone = 0x63;
const headerLength = 5;

class CopyOut extends CopyQuery {
  private readonly to: Duplex;
  private readonly onMoved: (bytes: number, rows: number) => void;
  private stream: Duplex | undefined;
  /** pg's own reader, which gets all that is not the copy's. */
  private readers: ((chunk: Buffer) => void)[] = [];
  /** Whether the message that is being read goes to the target. */
  private forwards = false;
  /** A row is one; the last one is none. */
  private messages = 0;
  /** Bytes of the message that are still to come. */
  private left = 0;
  /** The length's bytes so far of a header that came in two pieces; -1: between two messages. */
  private lengthBytes = -1;
  private length = 0;

  constructor(text: string, to: Duplex, onMoved: (bytes: number, rows: number) => void) {
    super(text);
    this.to = to;
    this.onMoved = onMoved;
  }

  override submit(connection: Connection): void {
    const { stream } = connection as Opened;
    this.stream = stream;
    this.readers = stream.listeners("data") as typeof this.readers;
    for (const reader of this.readers) stream.off("data", reader);
    stream.on("data", this.read);
    super.submit(connection);
  }

  override handleReadyForQuery(): void {
    this.detach();
    super.handleReadyForQuery();
  }

  override handleError(error: Error): void {
    this.detach();
    super.handleError(error);
  }

  private detach(): void {
    this.stream?.off("data", this.read);
    for (const reader of this.readers) this.stream?.on("data", reader);
    this.readers = [];
  }

  private readonly read = (chunk: Buffer): void => {
    const readers = this.readers;
    let from = 0;
    const handOn = (to: number) => {
      if (to > from) this.handOn(chunk.subarray(from, to), readers);
      from = to;
    };
    for (let at = 0; at < chunk.length; ) {
      if (this.left > 0) {
        const taken = Math.min(this.left, chunk.length - at);
        at += taken;
        this.left -= taken;
      } else if (this.lengthBytes < 0) {
        const forwards = chunk[at] === copyData || chunk[at] === copyDone;
        if (forwards !== this.forwards) handOn(at);
        this.forwards = forwards;
        if (chunk[at] === copyData) this.messages += 1;
        if (chunk.length - at >= headerLength) {
          this.left = chunk.readUInt32BE(at + 1) - 4;
          at += headerLength;
        } else {
          at += 1;
          this.lengthBytes = 0;
          this.length = 0;
        }
      } else {
        this.length = this.length * 256 + (chunk[at] ?? 0);
        at += 1;
        this.lengthBytes += 1;
        if (this.lengthBytes === 4) {
          this.left = this.length - 4;
          this.lengthBytes = -1;
        }
      }
    }
    handOn(chunk.length);
  };

  private handOn(bytes: Buffer, readers: readonly ((chunk: Buffer) => void)[]): void {
    if (!this.forwards) {
      for (const reader of readers) reader.call(this.stream, bytes);
      return;
    }
    this.onMoved(bytes.length, this.messages);
    this.messages = 0;
    if (this.to.write(bytes)) return;
    this.stream?.pause();
    this.to.once("drain", () => this.stream?.resume());
  }
}

function settler<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
}
