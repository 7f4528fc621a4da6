import { once } from "node:events";
import { connect, type Socket } from "node:net";
import tls from "node:tls";
import { requestCodes } from "../../postgres/wire-messages.ts";
import { firstPacket } from "./first-packet.ts";

/** A client's connection behind what was agreed about encryption, with the packet that it began with. */
export interface Begun {
  stream: Socket;
  first: Buffer;
  isEncrypted: boolean;
}

/**
 * Agrees about encryption as Postgres does, with Postgres' own certificate: what a client binds its log-in to is the same
 * on both sides of the engine. Undefined where the client goes.
 */
export async function beginSession(
  client: Socket,
  context: tls.SecureContext,
): Promise<Begun | undefined> {
  for (;;) {
    const first = await firstPacket(client);
    if (first === undefined) return undefined;
    const code = first.length >= 8 ? first.readInt32BE(4) : 0;
    const isRequest = code === requestCodes.ssl || code === requestCodes.gss;
    if (!isRequest) return { stream: client, first, isEncrypted: false };
    // What came with the request was not encrypted, whoever sent it.
    if (first.length > 8) return void client.destroy();
    if (code === requestCodes.ssl) break;
    client.write("N");
    client.resume();
  }
  client.write("S");
  const stream = new tls.TLSSocket(client, { isServer: true, secureContext: context });
  stream.on("error", () => client.destroy());
  const inner = await firstPacket(stream);
  return inner && { stream, first: inner, isEncrypted: true };
}

/** A connection to Postgres, encrypted where the client's is: Postgres offers to bind a log-in to the certificate then alone. */
export async function connectToServer(
  port: number,
  isEncrypted: boolean,
): Promise<{ socket: Socket; stream: Socket }> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const gone = once(socket, "close").then(() => {
    throw new Error("Postgres has closed the connection");
  });
  gone.catch(() => {});
  try {
    await Promise.race([once(socket, "connect"), gone]);
    socket.on("error", () => {});
    if (!isEncrypted) return { socket, stream: socket };
    socket.write(sslRequest);
    const [answer] = (await Promise.race([once(socket, "data"), gone])) as [Buffer];
    if (answer.toString("latin1") !== "S") {
      throw new Error("Postgres does not take encrypted connections");
    }
    // It is this engine's own server, on this machine, with a certificate that nobody has signed.
    const stream = tls.connect({ socket, rejectUnauthorized: false });
    await Promise.race([once(stream, "secureConnect"), gone]);
    return { socket, stream };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

const sslRequest = Buffer.alloc(8);
sslRequest.writeInt32BE(8, 0);
sslRequest.writeInt32BE(requestCodes.ssl, 4);
