import { withoutUndefined } from "../lib/without-undefined.ts";
import { defaultEndpointSettings } from "../model/default-settings.ts";
import { newBranchId, newProjectId } from "../model/ids.ts";
import { mergeSettings } from "../model/project-settings.ts";
import type { BranchRecord, DatabaseRecord, ProjectRecord, RoleRecord } from "../model/records.ts";
import type { CreateProjectInput, ProjectPatch } from "./api-types.ts";

export function newProjectRecord(
  input: CreateProjectInput,
  pgVersion: number,
  now: string,
): ProjectRecord {
  const id = newProjectId();
  const { regionId, provisioner, orgId, storePasswords } = input;
  return {
    id,
    name: input.name ?? id,
    pgVersion,
    createdAt: now,
    updatedAt: now,
    historyRetentionSeconds: input.historyRetentionSeconds ?? 86_400,
    defaultEndpointSettings: { ...defaultEndpointSettings, ...input.defaultEndpointSettings },
    settings: mergeSettings({}, input.settings),
    ...withoutUndefined({ regionId, provisioner, orgId, storePasswords }),
  };
}

/** A project's first branch, but for its data. */
export function rootBranchRecord(
  project: ProjectRecord,
  input: CreateProjectInput,
  { owner, database }: { owner: RoleRecord; database: DatabaseRecord },
): Omit<BranchRecord, "dataDir"> {
  return {
    id: newBranchId(),
    projectId: project.id,
    name: input.branchName ?? "main",
    default: true,
    protected: false,
    initSource: "parent-data",
    createdAt: project.createdAt,
    updatedAt: project.createdAt,
    ...(input.annotation ? { annotation: input.annotation } : {}),
    roles: [owner],
    databases: [database],
    passwordsToApply: [],
  };
}

export function changedProject(project: ProjectRecord, patch: ProjectPatch): ProjectRecord {
  return {
    ...project,
    updatedAt: new Date().toISOString(),
    name: patch.name ?? project.name,
    historyRetentionSeconds: patch.historyRetentionSeconds ?? project.historyRetentionSeconds,
    defaultEndpointSettings: {
      ...project.defaultEndpointSettings,
      ...patch.defaultEndpointSettings,
    },
    settings: mergeSettings(project.settings, patch.settings),
  };
}
