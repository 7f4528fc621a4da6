import type { Client } from "pg";
import type { ServerMessage } from "../../failure/server-message.ts";
import type { Migration } from "../../folder/migration.ts";
import type { Progress, RunOptions } from "./progress.ts";
import { runText } from "./session.ts";

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
