import type { Client } from "pg";
import type { Target } from "../../stages/io/target.ts";
import { refuseOtherBranch } from "../refusals.ts";

/** Refuses a session on any other branch than the target's, by the server's own word. */
export async function verifySession(
  client: Client,
  { stage, branch }: Pick<Target, "stage" | "branch">,
): Promise<void> {
  const { rows } = await client.query<{ id: string | null }>(
    "select current_setting('neon.branch_id', true) as id",
  );
  refuseOtherBranch(stage, branch, rows[0]?.id || undefined);
}
