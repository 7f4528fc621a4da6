import type { AppContext } from "../../../app-context.ts";
import { deleteSnapshot } from "../../../branches/io/snapshots.ts";

export default async function remove(
  context: AppContext,
  flags: { yes: boolean },
  name: string,
): Promise<void> {
  const { id, name: deleted } = await deleteSnapshot(context, name, flags.yes);
  context.output.result(
    { deleted: { id, name: deleted } },
    `Deleted the snapshot ${deleted} (${id}).`,
  );
}
