import { serve } from "@hono/node-server";
import { createApp } from "./app.ts";
import { readSettings } from "./settings.ts";
import { connect } from "./shared/database.ts";

const HOST = "127.0.0.1";
const GRACE_MS = 5_000;

try {
  start();
} catch (error) {
  fail(error);
}

function start(): void {
  const { databaseUrl, port } = readSettings(process.env);
  const connection = connect(databaseUrl);
  const app = createApp(connection.database);
  const server = serve({ fetch: app.fetch, hostname: HOST, port }, (address) => {
    console.log(`backend listens on http://${HOST}:${address.port}`);
  });
  server.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE") return fail(error);
    fail(new Error(`Port ${port} is taken: stop what uses it, or set PORT to another one.`));
  });

  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    // Requests under way get their answers; a client that never ends is cut off after the grace.
    const cutOff = setTimeout(() => process.exit(1), GRACE_MS);
    server.close(() => {
      connection.close().then(() => clearTimeout(cutOff), fail);
    });
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

function fail(error: unknown): void {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
