import type { Client } from "pg";
import { isServerError, type ServerError } from "../../../postgres/server-error.ts";
import { offsetOfCharacter } from "../../../postgres/sql-place.ts";
import { sqlState } from "../../../postgres/sqlstate.ts";
import type { RunningStep } from "../../failure/running-step.ts";
import { sqlFailure } from "../../failure/sql-failure.ts";
import type { Part } from "../../sql/pieces.ts";

/** The server reads all that it is sent before it runs any of it; this then fails. */
const neverRuns = "select 1 / 0;\n";

/**
 * Asks the server whether it can read what our parser could not, before steps that stand in front of it are committed.
 *
 * @param running the step that would be next
 */
export async function checkSyntax(
  client: Client,
  running: RunningStep,
  parts: readonly Part[],
): Promise<void> {
  for (const { start, text } of parts) {
    try {
      await client.query(neverRuns + text);
    } catch (error) {
      if (!isServerError(error)) throw error;
      if (error.code === sqlState.divisionByZero) continue;
      const { position } = error as ServerError;
      const character = Math.max(Number(position ?? 0) - neverRuns.length, 1);
      const offset = start + offsetOfCharacter(text, character);
      throw sqlFailure(running, Object.assign(error, { offset }), 0);
    }
  }
}
