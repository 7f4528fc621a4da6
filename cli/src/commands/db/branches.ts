import type { AppContext } from "../../app-context.ts";
import { ownerOf, ownerText } from "../../audit/rows.ts";
import { type AuditedBranch, withUse } from "../../audit/sources.ts";
import { expiryText } from "../../branches/expiry-text.ts";
import { branchTree } from "../../branches/tree.ts";
import { stateWord } from "../../doctor/status/status.ts";
import { diskDocument, diskTable } from "../../engine/disk-table.ts";
import { DsError } from "../../errors/ds-error.ts";
import { ago } from "../../lib/format/ago.ts";
import { formatBytes } from "../../lib/format/bytes.ts";
import { table } from "../../lib/terminal/table.ts";
import { readWriteEndpoint } from "../../neon/lookup.ts";
import type { Branch } from "../../neon/model.ts";
import { requireProject } from "../../stages/io/project.ts";
import { ownerNoteOf } from "../../stages/owner-note.ts";
import { branchOfStageIn, stageOfBranch } from "../../stages/stage.ts";

interface Flags {
  target: string | undefined;
  sizes: boolean;
}

/** All branches of the stage's project: of `--target prod`, the production project's. */
export default async function branches(context: AppContext, flags: Flags): Promise<void> {
  const { neon, output, stage } = context;
  const current = await stage(flags.target);
  const api = await neon();
  const project = await requireProject(context, current.project);
  const [all, endpoints] = await Promise.all([
    api.listBranches(project.id),
    api.listEndpoints(project.id),
  ]);
  if (flags.sizes && !api.local) {
    throw new DsError("USAGE", "--sizes is for the local engine, whose disk is this machine's");
  }
  const disks = flags.sizes ? (await (await context.engine()).sizes()).sizes : [];
  const diskOf = new Map(disks.map((size) => [size.id, size]));
  const currentId = branchOfStageIn(current, all)?.id;
  const isCurrent = (branch: Branch) => branch.id === currentId;
  const use = new Map(withUse(all, endpoints).map((audited) => [audited.branch.id, audited]));
  const rows = branchTree(all, new Date()).map((row) => ({
    ...row,
    endpoint: readWriteEndpoint(endpoints, row.branch.id),
    audited: use.get(row.branch.id),
  }));
  const nameOf = new Map(all.map(({ id, name }) => [id, name]));
  output.result(
    {
      project: { id: project.id, name: project.name },
      branches: rows.map(({ branch, state, endpoint, audited }) => ({
        id: branch.id,
        name: branch.name,
        parent: branch.parentId
          ? { id: branch.parentId, name: nameOf.get(branch.parentId) ?? null }
          : null,
        stage: stageOfBranch(branch.name) ?? null,
        owner: (audited && ownerOf(audited)) ?? null,
        worktree: ownerNoteOf(branch.annotation)?.worktree ?? null,
        current: isCurrent(branch),
        createdAt: state?.at.toISOString() ?? branch.createdAt,
        recoveryPointOf: state ? { branch: state.branch, before: state.kind } : null,
        lastActiveAt: audited?.lastActive ?? null,
        expiresAt: branch.expiresAt ?? null,
        protected: branch.protected,
        default: branch.default,
        logicalSizeBytes: branch.logicalSizeBytes ?? null,
        ...(flags.sizes ? { disk: diskDocument(diskOf.get(branch.id)) } : {}),
        endpoint: endpoint ? { id: endpoint.id, host: endpoint.host, state: endpoint.state } : null,
      })),
    },
    (style) => {
      if (flags.sizes) {
        const named = rows.map(({ branch, indent, label }) => ({
          label: `${style.dim(indent)}${label}`,
          disk: diskOf.get(branch.id),
        }));
        return table(diskTable(named, style)).join("\n");
      }
      const now = Date.now();
      const lines = rows.map(({ branch, indent, label, state, endpoint, audited }) => [
        `${style.dim(indent)}${isCurrent(branch) ? style.bold(`${label} *`) : label}`,
        ago(state?.at.toISOString() ?? branch.createdAt, now),
        usedText(audited, now),
        audited ? ownerText(audited) : "",
        branch.logicalSizeBytes === undefined ? "" : formatBytes(branch.logicalSizeBytes),
        [
          ...(endpoint ? [stateWord(endpoint.state)] : state ? [] : ["no endpoint"]),
          ...(branch.default ? ["default"] : []),
          ...(branch.protected ? ["protected"] : []),
          ...(branch.expiresAt ? [expiryText(branch.expiresAt, now)] : []),
        ].join(", "),
      ]);
      const head = ["BRANCH", "CREATED", "USED", "OWNER", "SIZE", "STATE"].map(style.dim);
      return table([head, ...lines]).join("\n");
    },
  );
}

function usedText(audited: AuditedBranch | undefined, now: number): string {
  if (audited?.running) return "now";
  return audited?.lastActive ? ago(audited.lastActive, now) : "";
}
