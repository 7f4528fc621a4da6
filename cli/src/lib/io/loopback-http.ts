import { connect, type Socket } from "node:net";

export interface LoopbackRequest {
  headers?: Readonly<Record<string, string>>;
  /** JSON; makes it a POST. */
  body?: string;
  /** Milliseconds without a byte. */
  timeout: number;
  /** Told of the socket, to end the request by destroying it. */
  onSocket?: (socket: Socket) => void;
}

/**
 * The body of a 200 of a server on this machine; undefined for any other answer, and for none. A request
 * of HTTP/1.0 (RFC 1945), whose answer ends with the connection: Node's own client is so large that its
 * first request takes 8 ms of the 60 of a short command (Node 20), twice as long as this.
 *
 * @param url of http:, with an IP address
 */
export async function loopbackHttp(
  url: URL,
  request: LoopbackRequest,
): Promise<string | undefined> {
  const answer = await loopbackAnswer(url, request);
  return answer?.status === 200 ? answer.body : undefined;
}

/** The same of any status; undefined where there is no whole answer. */
export function loopbackAnswer(
  url: URL,
  { headers = {}, body, timeout, onSocket }: LoopbackRequest,
): Promise<{ status: number; body: string } | undefined> {
  const content = body === undefined ? undefined : Buffer.from(body);
  const head = [
    `${content ? "POST" : "GET"} ${url.pathname}${url.search} HTTP/1.0`,
    `host: ${url.host}`,
    "connection: close",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(content ? ["content-type: application/json", `content-length: ${content.length}`] : []),
  ];
  if (head.some((line) => /[\r\n]/.test(line))) return Promise.resolve(undefined);
  return new Promise((done) => {
    let answer = Buffer.alloc(0);
    const socket = connect(Number(url.port || 80), url.hostname.replace(/^\[|\]$/g, ""), () => {
      socket.write(`${head.join("\r\n")}\r\n\r\n`);
      if (content) socket.write(content);
    });
    onSocket?.(socket);
    socket.setTimeout(timeout, () => socket.destroy());
    socket.on("data", (part: Buffer) => {
      answer = Buffer.concat([answer, part]);
      // Some keep the connection all the same.
      if (isWhole(answer)) socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("close", () => done(wholeAnswer(answer)));
  });
}

/** As far as its length is known. */
function isWhole(answer: Buffer): boolean {
  const { end, length } = headOf(answer);
  return end > 0 && answer.length >= end + length;
}

/** Undefined unless it is there in full, as it is. */
function wholeAnswer(answer: Buffer): { status: number; body: string } | undefined {
  const { text, end, length } = headOf(answer);
  const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(text)?.[1]);
  if (Number.isNaN(status) || isInChunks(text)) return undefined;
  const body = answer.subarray(end);
  if (Number.isFinite(length) && body.length !== length) return undefined;
  return { status, body: body.toString() };
}

/**
 * `end`: where the body begins, 0 before that is known. `length`: of what is read of it, infinite where it is
 * not said; what comes in chunks is not read.
 */
function headOf(answer: Buffer): { text: string; end: number; length: number } {
  const at = answer.indexOf("\r\n\r\n");
  if (at < 0) return { text: "", end: 0, length: Number.POSITIVE_INFINITY };
  const text = answer.toString("latin1", 0, at);
  const said = isInChunks(text) ? 0 : /^content-length: *(\d+)$/im.exec(text)?.[1];
  return { text, end: at + 4, length: Number(said ?? Number.POSITIVE_INFINITY) };
}

const isInChunks = (head: string): boolean => /^transfer-encoding:/im.test(head);
