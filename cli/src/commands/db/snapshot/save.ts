import type { AppContext } from "../../../app-context.ts";
import { saveSnapshot } from "../../../branches/io/snapshots.ts";
import { ago } from "../../../lib/format/ago.ts";
import { parseDuration } from "../../../lib/format/duration.ts";
import { shellWord } from "../../../lib/text/shell-quote.ts";

interface Flags {
  target: string | undefined;
  ttl: string | undefined;
}

export default async function save(
  context: AppContext,
  { target: stage, ttl }: Flags,
  name?: string,
): Promise<void> {
  const lifetime = ttl === undefined ? undefined : parseDuration(ttl);
  const wanted = { target: stage, ttl: lifetime };
  const { target, snapshot } = await saveSnapshot(context, name, wanted);
  const { id, expiresAt } = snapshot;
  context.output.result(
    {
      snapshot: { id, name: snapshot.name, at: snapshot.at ?? null, expiresAt: expiresAt ?? null },
      stage: target.stage.name,
      branch: { id: target.branch.id, name: target.branch.name },
    },
    [
      `Snapshot ${snapshot.name} (${id}) holds ${target.branch.name} as it is now.`,
      ...(expiresAt ? [`It is deleted by itself ${ago(expiresAt, Date.now())}.`] : []),
      `To bring it back: ds db snapshot restore ${shellWord(snapshot.name)}`,
    ].join("\n"),
  );
}
