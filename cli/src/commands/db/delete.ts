import type { AppContext } from "../../app-context.ts";
import { deletionRefusal } from "../../branches/deletion-refusal.ts";
import { recoveryPoints } from "../../branches/recovery-point.ts";
import { formatBytes } from "../../lib/format/bytes.ts";
import { branchNamed } from "../../neon/lookup.ts";
import { requireProject } from "../../stages/io/project.ts";

interface Flags {
  yes: boolean;
}

export default async function remove(
  { config, confirm, neon, output }: AppContext,
  flags: Flags,
  name: string,
): Promise<void> {
  const settings = await config();
  const api = await neon();
  const project = await requireProject(api, settings.project, settings);
  const branches = await api.listBranches(project.id);
  const branch = branchNamed(branches, name, project.name);
  const shared = Object.values(settings.stages).flatMap((stage) => stage.branch ?? []);
  const refusal = deletionRefusal(branch, branches, shared);
  if (refusal) throw refusal;
  const size = branch.logicalSizeBytes;
  await confirm({
    message: `Delete the branch ${branch.name} (${branch.id}) of ${project.name} and all its data${size ? `, ${formatBytes(size)}` : ""}?`,
    yes: flags.yes,
    command: `ds db delete ${name} --yes`,
  });
  await output.step(`Deleting the branch ${branch.name}`, () =>
    api.deleteBranch(project.id, branch.id),
  );
  const kept = recoveryPoints(branch.name, branches);
  output.result(
    {
      deleted: { id: branch.id, name: branch.name },
      project: { id: project.id, name: project.name },
      kept: kept.map(({ id, name, expiresAt }) => ({ id, name, expiresAt: expiresAt ?? null })),
    },
    [
      `Deleted the branch ${branch.name} (${branch.id}).`,
      ...kept.map(
        ({ name, expiresAt }) =>
          `An earlier state of it is kept as ${name}${expiresAt === undefined ? "" : ` until ${expiresAt}`}; to remove it too: ds db delete ${name}`,
      ),
    ].join("\n"),
  );
}
