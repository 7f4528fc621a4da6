import type { raw } from "@neon/sdk";
import { toBranch } from "../from-api.ts";
import type { Branch } from "../model.ts";
import type { PointInTime } from "../point-in-time.ts";
import { type NeonReader, path, withQuery } from "./reader.ts";
import { creating, deleting, type NeonWriter } from "./writer.ts";

export interface BranchCalls {
  listBranches(projectId: string): Promise<Branch[]>;
  getBranch(projectId: string, branchId: string): Promise<Branch>;
  /** CONFLICT when the name is taken. Returns when the branch is ready. */
  createBranch(projectId: string, input: CreateBranch): Promise<Branch>;
  updateBranch(
    projectId: string,
    branchId: string,
    patch: { name?: string; protected?: boolean; expiresAt?: string | null },
  ): Promise<Branch>;
  deleteBranch(projectId: string, branchId: string): Promise<void>;
  /**
   * Makes the branch equal to the source, as it is now or was then; its id and endpoints stay.
   *
   * @param input `preserveUnderName`: a name that no branch has; one of this name then has the state before
   */
  restoreBranch(
    projectId: string,
    branchId: string,
    input: { sourceBranchId: string; at?: PointInTime; preserveUnderName: string },
  ): Promise<Branch>;
}

interface CreateBranch {
  name: string;
  parentId?: string;
  /** The parent as it was at this moment, not as it is now. */
  at?: PointInTime;
  /** Default: a read-write endpoint. */
  endpoint?: boolean;
  /** ISO 8601. */
  expiresAt?: string;
  protected?: boolean;
  /** Kept with the branch for its whole life: the API offers no way to change it. */
  annotation?: Readonly<Record<string, string>>;
}

type BranchPage = raw.BranchesResponse & raw.AnnotationsMapResponse & raw.CursorPaginationResponse;
type AnnotatedBranch = raw.BranchResponse & raw.AnnotationResponse;

export function branchCalls(reader: NeonReader, writer: NeonWriter): BranchCalls {
  return {
    listBranches: async (projectId) => {
      const pages = await branchPages(reader, projectId);
      return pages.flatMap(({ branches, annotations }) =>
        branches.map((branch) => toBranch(branch, annotations[branch.id]?.value)),
      );
    },
    getBranch: async (projectId, branchId) => {
      const question = path`/projects/${projectId}/branches/${branchId}`;
      const what = `reading the branch ${branchId}`;
      const { branch, annotation } = await reader.get<AnnotatedBranch>(what, question);
      return toBranch(branch, annotation.value);
    },
    createBranch: async (projectId, input) => {
      const made = await writer.change<raw.BranchResponse>(
        creating(`the branch ${input.name}`),
        (neon, options) =>
          neon.createProjectBranch({
            ...options,
            path: { project_id: projectId },
            body: creationBody(input),
          }),
        (now) => findBranch(now, projectId, (branch) => isAsAskedFor(branch, input)),
      );
      return toBranch(made.branch, input.annotation);
    },
    updateBranch: async (projectId, branchId, { expiresAt, ...patch }) => {
      const expiry = expiresAt === undefined ? {} : { expires_at: expiresAt };
      const made = await writer.change(
        { what: `changing the branch ${branchId}` },
        (neon, options) =>
          neon.updateProjectBranch({
            ...options,
            path: { project_id: projectId, branch_id: branchId },
            body: { branch: { ...patch, ...expiry } },
          }),
      );
      return toBranch(made.branch);
    },
    deleteBranch: async (projectId, branchId) => {
      await writer.change<unknown>(
        deleting(`the branch ${branchId}`),
        (neon, options) =>
          neon.deleteProjectBranch({
            ...options,
            path: { project_id: projectId, branch_id: branchId },
          }),
        async (now) =>
          (await findBranch(now, projectId, ({ id }) => id === branchId)) ? undefined : {},
      );
    },
    restoreBranch: async (projectId, branchId, { sourceBranchId, at, preserveUnderName }) => {
      const answer = await writer.change<raw.BranchResponse>(
        { what: `restoring the branch ${branchId}` },
        (neon, options) =>
          neon.restoreProjectBranch({
            ...options,
            path: { project_id: projectId, branch_id: branchId },
            body: {
              source_branch_id: sourceBranchId,
              ...pointIn("source", at),
              preserve_under_name: preserveUnderName,
            },
          }),
        async (now) => {
          const kept = await findBranch(now, projectId, ({ name }) => name === preserveUnderName);
          return kept && (await findBranch(now, projectId, ({ id }) => id === branchId));
        },
      );
      return toBranch(answer.branch);
    },
  };
}

async function branchPages(reader: NeonReader, projectId: string): Promise<BranchPage[]> {
  const order = { sort_by: "created_at", sort_order: "asc", limit: 400 };
  const question = withQuery(path`/projects/${projectId}/branches`, order);
  return await reader.pages<BranchPage>("listing branches", question, "branches");
}

async function findBranch(
  reader: NeonReader,
  projectId: string,
  isMeant: (branch: raw.Branch) => boolean,
): Promise<raw.BranchResponse | undefined> {
  const pages = await branchPages(reader, projectId);
  const branch = pages.flatMap(({ branches }) => branches).find(isMeant);
  return branch && { branch };
}

/** Names are unique, so another branch of this name was made by somebody else. */
const isAsAskedFor = (branch: raw.Branch, { name, parentId, expiresAt }: CreateBranch): boolean =>
  branch.name === name &&
  (parentId === undefined || branch.parent_id === parentId) &&
  (expiresAt === undefined || sameSecond(branch.expires_at, expiresAt));

/** The API keeps no fractions of a second. */
const sameSecond = (one: string | undefined, other: string): boolean =>
  one !== undefined && Math.abs(Date.parse(one) - Date.parse(other)) < 1_000;

function creationBody(input: CreateBranch) {
  return {
    branch: {
      name: input.name,
      ...(input.parentId ? { parent_id: input.parentId } : {}),
      ...pointIn("parent", input.at),
      ...(input.expiresAt ? { expires_at: input.expiresAt } : {}),
      ...(input.protected ? { protected: true } : {}),
    },
    ...(input.endpoint === false ? {} : { endpoints: [{ type: "read_write" as const }] }),
    ...(input.annotation ? { annotation_value: { ...input.annotation } } : {}),
  };
}

/** The fields that say as of when: `parent_lsn`, `source_timestamp` ... */
function pointIn<P extends "parent" | "source">(of: P, at: PointInTime | undefined) {
  if (at === undefined) return {};
  const [name, value] = "lsn" in at ? ["lsn", at.lsn] : ["timestamp", at.timestamp];
  return { [`${of}_${name}`]: value } as Partial<Record<`${P}_lsn` | `${P}_timestamp`, string>>;
}
