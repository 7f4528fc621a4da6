import { requestCodes } from "../postgres/wire-messages.ts";

/** Whose address it is. */
export interface Addressee {
  endpointId: string;
  projectId: string;
}

/**
 * The packet that begins a session, without what Neon's clients say in its `options` where their TLS names no host:
 * `endpoint=<id>`, and `project=<id>` of older ones. Here each endpoint has an address of its own, so that it can only be the
 * one that is meant; Postgres would end the connection. What is no such packet, as a request to cancel, comes back as it is.
 */
export function withoutEndpointOption(
  packet: Buffer,
  here: Addressee,
): { packet: Buffer } | { refusal: string } {
  const parameters = readStartup(packet);
  const options = parameters?.get("options");
  if (!parameters || options === undefined) return { packet };
  const { rest, named } = splitOptions(options);
  const other = named.find((each) => !isMeant(each, here));
  if (other !== undefined) return { refusal: otherEndpoint(other.id, here) };
  if (named.length === 0) return { packet };
  parameters.delete("options");
  if (rest !== "") parameters.set("options", rest);
  return { packet: written(packet.subarray(4, 8), parameters) };
}

/** What a password begins with where a client can say it nowhere else: `endpoint=<id>;<password>`, or `$` in the place of the semicolon. */
export function withoutEndpointPrefix(password: string): {
  password: string;
  named: Named | undefined;
} {
  const [, kind = "", id = "", rest] =
    /^(endpoint|project)=([a-z0-9-]+)[;$]([\s\S]+)$/.exec(password) ?? [];
  return rest === undefined
    ? { password, named: undefined }
    : { password: rest, named: { kind, id } };
}

export interface Named {
  kind: string;
  id: string;
}

export function isMeant({ kind, id }: Named, here: Addressee): boolean {
  const asked = id.replace(/-pooler$/, "");
  return asked === here.endpointId || (kind === "project" && asked === here.projectId);
}

export const otherEndpoint = (asked: string, { endpointId }: Addressee): string =>
  `this is the address of the endpoint ${endpointId}, and the connection asks for ${asked.replace(/[^\w-]/g, "?")}`;

/** As Postgres cuts them: at white space that has no backslash before it. */
export function splitOptions(options: string): { rest: string; named: Named[] } {
  const named: Named[] = [];
  const rest = (options.match(/(?:\\[\s\S]|[^\s\\])+/g) ?? []).filter((part) => {
    const [, kind = "", id] = /^(endpoint|project)(?:=|%3[Dd])(.+)$/.exec(part) ?? [];
    if (id !== undefined) named.push({ kind, id });
    return id === undefined;
  });
  return { rest: rest.join(" "), named };
}

/** In Latin-1, as it was read: names are in whatever encoding the database has. */
function written(version: Buffer, parameters: Map<string, string>): Buffer {
  const pairs = [...parameters].map(([name, value]) => `${name}\0${value}\0`).join("");
  const body = Buffer.concat([version, Buffer.from(`${pairs}\0`, "latin1")]);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
}

const special = new Set(Object.values(requestCodes));

function readStartup(packet: Buffer): Map<string, string> | undefined {
  if (packet.length < 9 || packet.readInt32BE(0) !== packet.length) return undefined;
  if (special.has(packet.readInt32BE(4))) return undefined;
  const texts = packet.subarray(8).toString("latin1").split("\0");
  const parameters = new Map<string, string>();
  for (let at = 0; at + 1 < texts.length && texts[at] !== ""; at += 2) {
    parameters.set(texts[at] ?? "", texts[at + 1] ?? "");
  }
  return parameters;
}
