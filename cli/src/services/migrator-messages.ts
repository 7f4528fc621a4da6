import type { Client } from "pg";
import type { Migration } from "../core/migrations.ts";
import type { ServerMessage } from "../core/migrations-messages.ts";
import { runText } from "./migrator-session.ts";
import type { Progress, RunOptions } from "./migrator-work.ts";

/** Sends a part of a migration, and passes on what the server says meanwhile; not of our own statements. */
export async function sendText(
  client: Client,
  sql: string,
  progress: Progress,
  migration: Migration,
  { runText: send = runText, onMessage }: RunOptions,
): Promise<void> {
  const hear = (message: ServerMessage) => onMessage(migration, message);
  client.on("notice", hear);
  try {
    await send(client, sql, progress, migration);
  } finally {
    client.off("notice", hear);
  }
}
