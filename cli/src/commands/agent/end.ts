import { endSession } from "../../agents/mcp/io/end-session.ts";
import type { AppContext } from "../../app-context.ts";

/** The session of an agent in this checkout is over. */
export default async function end(context: AppContext): Promise<void> {
  const branches = await endSession(context);
  context.output.result(
    {
      branches: branches.map(({ id, name, expiresAt }) => ({
        id,
        name,
        expiresAt: expiresAt ?? null,
      })),
    },
    branches.length === 0
      ? "Nothing to clean up."
      : `End within the hour: ${branches.map(({ name }) => name).join(", ")}.`,
  );
}
