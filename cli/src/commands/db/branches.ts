import type { Context } from "../../context.ts";
import { ago } from "../../core/ago.ts";
import { branchTree } from "../../core/branch-tree.ts";
import { formatBytes } from "../../core/bytes.ts";
import type { Branch } from "../../core/model.ts";
import { developerOfStage, stageOfBranch } from "../../core/stage.ts";
import { stateWord } from "../../core/status.ts";
import { table } from "../../core/table.ts";
import { readWriteEndpoint, requireProject } from "../../services/target.ts";

interface Flags {
  target: string | undefined;
}

/** All branches of the stage's project: of `--target prod`, the production project's. */
export default async function branches(
  { config, neon, output, stage }: Context,
  flags: Flags,
): Promise<void> {
  const current = await stage(flags.target);
  const api = await neon();
  const project = await requireProject(api, current.project, await config());
  const [all, endpoints] = await Promise.all([
    api.listBranches(project.id),
    api.listEndpoints(project.id),
  ]);
  const isCurrent = (branch: Branch) =>
    current.branch === undefined ? branch.default : branch.name === current.branch;
  const rows = branchTree(all).map(({ branch, indent }) => ({
    branch,
    indent,
    endpoint: readWriteEndpoint(endpoints, branch.id),
  }));
  const nameOf = new Map(all.map(({ id, name }) => [id, name]));
  output.result(
    {
      project: { id: project.id, name: project.name },
      branches: rows.map(({ branch, endpoint }) => ({
        id: branch.id,
        name: branch.name,
        parent: branch.parentId
          ? { id: branch.parentId, name: nameOf.get(branch.parentId) ?? null }
          : null,
        stage: stageOfBranch(branch.name) ?? null,
        owner: ownerOf(branch) ?? null,
        current: isCurrent(branch),
        createdAt: branch.createdAt,
        expiresAt: branch.expiresAt ?? null,
        protected: branch.protected,
        default: branch.default,
        logicalSizeBytes: branch.logicalSizeBytes ?? null,
        endpoint: endpoint ? { id: endpoint.id, host: endpoint.host, state: endpoint.state } : null,
      })),
    },
    (style) => {
      const now = Date.now();
      const lines = rows.map(({ branch, indent, endpoint }) => [
        `${style.dim(indent)}${isCurrent(branch) ? style.bold(`${branch.name} *`) : branch.name}`,
        branch.createdAt ? ago(branch.createdAt, now) : "",
        ownerOf(branch) ?? "",
        branch.logicalSizeBytes === undefined ? "" : formatBytes(branch.logicalSizeBytes),
        endpoint ? stateWord(endpoint.state) : "no endpoint",
        [
          ...(branch.default ? ["default"] : []),
          ...(branch.protected ? ["protected"] : []),
          ...(branch.expiresAt ? [`deleted ${ago(branch.expiresAt, now)}`] : []),
        ].join(", "),
      ]);
      const head = ["BRANCH", "CREATED", "OWNER", "SIZE", "STATE", ""].map(style.dim);
      return table([head, ...lines]).join("\n");
    },
  );
}

/** The developer that the name tells, else who the API says made it. */
function ownerOf(branch: Branch): string | undefined {
  const stage = stageOfBranch(branch.name);
  return (stage && developerOfStage(stage)) ?? branch.createdBy;
}
