import { neonConfig } from "@neondatabase/serverless";
import ws from "ws";

/** The driver's configuration that engine/SERVERLESS.md gives, and Node 20's missing WebSocket. */
export function configureDriver(): void {
  neonConfig.fetchEndpoint = (host, port) => `http://${host}:${port}/sql`;
  neonConfig.wsProxy = (host, port) => `${host}:${port}/v2`;
  neonConfig.useSecureWebSocket = false;
  neonConfig.webSocketConstructor = ws;
}

/** The error that a promise is rejected with, as a plain object of its own fields and message. */
export async function failureOf(promise: Promise<unknown>): Promise<Record<string, unknown>> {
  const error = await promise.then(
    (value) => {
      throw new Error(`succeeded with ${JSON.stringify(value)}`);
    },
    (reason: Error) => reason,
  );
  return { ...error, message: error.message };
}
