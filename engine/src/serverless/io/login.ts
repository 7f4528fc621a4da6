import type { Duplex } from "node:stream";
import sasl from "pg/lib/crypto/sasl.js";
import { message } from "../../postgres/wire-messages.ts";
import { readMessage } from "./wire-protocol.ts";

/** What Postgres' AuthenticationXXX messages ask for. */
const ok = 0;
const cleartext = 3;
const saslStart = 10;
const saslContinue = 11;
const saslFinal = 12;

/**
 * Logs a WebSocket's client in to Postgres. As on Neon the client is asked for the password itself,
 * which the driver sends unasked together with its first query (pipelineConnect); SCRAM goes on
 * between the engine and Postgres. Resolves to true when what follows is to be piped; otherwise the
 * client was told Postgres' error, or has gone.
 */
export async function relayLogIn(
  client: Duplex,
  startup: Buffer,
  connectToServer: () => Promise<Duplex>,
): Promise<Duplex | undefined> {
  client.write(message("R", cleartext));
  const answer = await readMessage(client);
  if (!answer) return undefined;
  if (answer.type !== "p") throw new Error("a password was expected");
  const password = answer.body.toString("utf8").replace(/\0.*$/s, "");

  const server = await connectToServer();
  server.write(startup);
  let session: ReturnType<typeof sasl.startSession> | undefined;
  for (;;) {
    const asked = await readMessage(server);
    if (!asked) throw new Error("Postgres closed the connection");
    if (asked.type !== "R") {
      client.write(asked.whole);
      if (asked.type !== "E") continue;
      client.end();
      server.destroy();
      return undefined;
    }
    const data = asked.body.subarray(4).toString("utf8");
    switch (asked.body.readInt32BE(0)) {
      case ok:
        client.write(asked.whole);
        return server;
      case cleartext:
        server.write(message("p", `${password}\0`));
        break;
      case saslStart: {
        session = sasl.startSession(data.split("\0"));
        const { mechanism, response } = session;
        const first = [`${mechanism}\0`, Buffer.byteLength(response), response];
        server.write(message("p", ...first));
        break;
      }
      case saslContinue:
        if (!session) throw new Error("unexpected answer of Postgres");
        await sasl.continueSession(session, password, data);
        server.write(message("p", session.response));
        break;
      case saslFinal:
        if (!session) throw new Error("unexpected answer of Postgres");
        sasl.finalizeSession(session, data);
        break;
      default:
        throw new Error("Postgres asks for a way of logging in that is not known here");
    }
  }
}
