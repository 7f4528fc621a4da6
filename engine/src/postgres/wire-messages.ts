/** Messages of Postgres' protocol (chapter "Message Formats" of its manual, version 3.0). */

/** What the first packet of a connection asks for where it is not a session. */
export const requestCodes = { cancel: 80877102, ssl: 80877103, gss: 80877104 };

const protocolVersion = 196_608;

/** The packet that begins a session, which has no type. `parameters`: user, database, ... */
export function startupMessage(parameters: Record<string, string>): Buffer {
  const pairs = Object.entries(parameters).map(([name, value]) => `${name}\0${value}\0`);
  const body = Buffer.concat([int32(protocolVersion), Buffer.from(`${pairs.join("")}\0`)]);
  return Buffer.concat([int32(body.length + 4), body]);
}

export function message(type: string, ...parts: (string | number | Buffer)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => {
      if (typeof part === "string") return Buffer.from(part);
      return typeof part === "number" ? int32(part) : part;
    }),
  );
  return Buffer.concat([Buffer.from(type, "latin1"), int32(body.length + 4), body]);
}

/** An error that ends a connection; `code` is one of Postgres' SQLSTATEs. */
export function fatalMessage(code: string, text: string): Buffer {
  const fields = ["SFATAL", "VFATAL", `C${code}`, `M${text}`].map((field) => `${field}\0`);
  return message("E", `${fields.join("")}\0`);
}

function int32(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(number);
  return bytes;
}
