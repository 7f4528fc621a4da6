import type { AddressInfo, Socket } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import type { WebSocketGateway } from "../../serverless/io/websocket.ts";
import type { ApiEnv } from "../requests/env.ts";

export interface Listening {
  port: number;
  /** Serves a connection that was accepted elsewhere. */
  adopt(client: Socket): void;
  /** Stops accepting at once; requests under way have `graceMs` to finish. */
  close(graceMs?: number): Promise<void>;
}

/** Rejects with Node's own error (code EADDRINUSE, EACCES) when the port cannot be had. */
export async function listen(
  app: Pick<Hono<ApiEnv>, "fetch">,
  options: { port?: number; webSockets?: WebSocketGateway } = {},
): Promise<Listening> {
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false });
  const { webSockets } = options;
  if (webSockets) server.on("upgrade", webSockets.upgrade.bind(webSockets));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    adopt: (client) => server.emit("connection", client),
    close: (graceMs = 5000) =>
      new Promise((resolve) => {
        const closeIdle = () => "closeIdleConnections" in server && server.closeIdleConnections();
        const idle = setInterval(closeIdle, 20);
        const grace = setTimeout(() => {
          if ("closeAllConnections" in server) server.closeAllConnections();
        }, graceMs);
        webSockets?.close();
        server.close(() => {
          clearInterval(idle);
          clearTimeout(grace);
          resolve();
        });
        closeIdle();
      }),
  };
}
