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
export function loopbackHttp(
  url: URL,
  { headers = {}, body, timeout, onSocket }: LoopbackRequest,
): Promise<string | undefined> {
  const content = body === undefined ? undefined : Buffer.from(body);
  const head = [
    `${content ? "POST" : "GET"} ${url.pathname}${url.search} HTTP/1.0`,
    `host: ${url.host}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(content ? ["content-type: application/json", `content-length: ${content.length}`] : []),
  ];
  if (head.some((line) => /[\r\n]/.test(line))) return Promise.resolve(undefined);
  return new Promise((done) => {
    const parts: Buffer[] = [];
    const socket = connect(Number(url.port || 80), url.hostname.replace(/^\[|\]$/g, ""), () => {
      socket.write(`${head.join("\r\n")}\r\n\r\n`);
      if (content) socket.write(content);
    });
    onSocket?.(socket);
    socket.setTimeout(timeout, () => socket.destroy());
    socket.on("data", (part: Buffer) => parts.push(part));
    socket.on("error", () => done(undefined));
    socket.on("end", () => done(bodyOf(Buffer.concat(parts))));
    socket.on("close", () => done(undefined));
  });
}

/** Undefined unless it is there in full. */
function bodyOf(answer: Buffer): string | undefined {
  const end = answer.indexOf("\r\n\r\n");
  const head = answer.toString("latin1", 0, Math.max(0, end));
  if (!/^HTTP\/1\.[01] 200 /.test(head)) return undefined;
  const body = answer.subarray(end + 4);
  const length = /^content-length: *(\d+)$/im.exec(head)?.[1];
  return length === undefined || Number(length) === body.length ? body.toString() : undefined;
}
