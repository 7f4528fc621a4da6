import type { AppContext } from "../../app-context.ts";
import { deleteBranch } from "../../branches/io/delete-branch.ts";
import { plural } from "../../lib/format/plural.ts";

interface Flags {
  yes: boolean;
}

export default async function remove(
  context: AppContext,
  flags: Flags,
  name: string,
): Promise<void> {
  const { project, branch, removed, left } = await deleteBranch(context, name, flags.yes);
  const more = removed.length === 0 ? "" : ` and its ${plural(removed.length, "recovery point")}`;
  const document = ({ id, name, expiresAt }: (typeof left)[number]) => ({
    id,
    name,
    expiresAt: expiresAt ?? null,
  });
  context.output.result(
    {
      deleted: { id: branch.id, name: branch.name },
      project: { id: project.id, name: project.name },
      recoveryPoints: { deleted: removed.map(document), kept: left.map(document) },
    },
    [
      `Deleted the branch ${branch.name} (${branch.id})${more}.`,
      ...left.map((point) => `${point.name} stays, as other branches fork from it.`),
    ].join("\n"),
  );
}
