/** Packets of Postgres' protocol, as far as the engine writes them itself (chapter "Message Formats"). */

/** What a connection's first packet asks for, where that is not a session. */
export const protocolCodes = { cancel: 80877102, ssl: 80877103, gss: 80877104 };

export function message(type: string, ...parts: (string | number | Buffer)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => {
      if (typeof part === "string") return Buffer.from(part);
      if (typeof part !== "number") return part;
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(part);
      return bytes;
    }),
  );
  const head = Buffer.alloc(5);
  head.write(type, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** An error after which the connection ends, as clients show it; `code` is a SQLSTATE. */
export function fatalError(code: string, text: string): Buffer {
  const fields = ["SFATAL", "VFATAL", `C${code}`, `M${text}`].map((field) => `${field}\0`);
  return message("E", `${fields.join("")}\0`);
}
