import type { AppContext } from "../../../app-context.ts";
import { listSnapshots } from "../../../branches/io/snapshots.ts";
import { ago } from "../../../lib/format/ago.ts";
import { formatBytes } from "../../../lib/format/bytes.ts";
import { table } from "../../../lib/terminal/table.ts";

/** All snapshots of the project, the newest first. */
export default async function list(context: AppContext): Promise<void> {
  const all = await listSnapshots(context);
  context.output.result(
    {
      snapshots: all.map(({ snapshot, branch }) => ({
        id: snapshot.id,
        name: snapshot.name,
        branch: branch ? { id: branch.id, name: branch.name } : null,
        at: snapshot.at ?? null,
        createdAt: snapshot.createdAt,
        expiresAt: snapshot.expiresAt ?? null,
        sizeBytes: snapshot.sizeBytes ?? null,
      })),
    },
    (style) => {
      if (all.length === 0) return "There is no snapshot. To make one: ds db snapshot save";
      const now = Date.now();
      const lines = all.map(({ snapshot, branch }) => [
        snapshot.name,
        branch?.name ?? style.dim("gone"),
        ago(snapshot.createdAt, now),
        snapshot.sizeBytes === undefined ? "" : formatBytes(snapshot.sizeBytes),
        snapshot.expiresAt ? `ends ${ago(snapshot.expiresAt, now)}` : "",
        style.dim(snapshot.id),
      ]);
      const head = ["SNAPSHOT", "BRANCH", "CREATED", "SIZE", "END", "ID"].map(style.dim);
      return table([head, ...lines]).join("\n");
    },
  );
}
