import {
  refuseNoRules,
  refuseRules,
  refuseUnmasked,
} from "../../control-plane/anonymization-rules.ts";
import type { AnonymizationTransitions } from "../../control-plane/api.ts";
import type { BranchBundle, CreateBranchInput } from "../../control-plane/api-types.ts";
import { createBranch } from "../../control-plane/io/create-branch.ts";
import type { Services } from "../../control-plane/io/services.ts";
import { throwIf, unprocessable } from "../../lib/engine-error.ts";
import type { MaskingRule } from "../../model/masking-rule.ts";
import type { Anonymizer } from "./anonymizer.ts";

/** What the API's routes ask for. */
export const anonymizedBranches = (
  services: Services,
  anonymizer: Anonymizer,
): AnonymizationTransitions => ({
  create: (wanted, input) => createAnonymizedBranch(services, anonymizer, wanted, input),
  status: (projectId, branchId) => anonymizer.status(projectId, branchId),
  setRules: (projectId, branchId, rules) => anonymizer.setRules(projectId, branchId, rules),
  start: (projectId, branchId) => anonymizer.start(projectId, branchId),
});

/** Makes a branch that nobody can connect to before its data is masked; all that can be refused is refused before. */
async function createAnonymizedBranch(
  services: Services,
  anonymizer: Anonymizer,
  { projectId, rules, start }: { projectId: string; rules: MaskingRule[]; start: boolean },
  input: CreateBranchInput,
): Promise<BranchBundle> {
  const { records, computes, locks } = services;
  throwIf(refuseRules(rules));
  if (start) throwIf(refuseNoRules(rules));
  if (input.initSource === "schema-only") {
    throw unprocessable(
      "ANONYMIZED_SCHEMA_ONLY",
      "a schema-only branch has no rows to be masked: make it without masking rules",
    );
  }
  const parent = input.parentId
    ? records.branch(projectId, input.parentId)
    : records.defaultBranch(projectId);
  throwIf(refuseUnmasked(parent));
  // What a past moment had shows when it is there.
  if (input.parentLsn === undefined && input.parentTimestamp === undefined) {
    await locks.with({ shared: [parent.id] }, () =>
      anonymizer.check(parent, computes.of(parent.id), rules),
    );
  }
  const at = new Date().toISOString();
  const made = await createBranch(services, projectId, {
    ...input,
    parentId: parent.id,
    anonymization: { state: "initialized", rules, createdAt: at, updatedAt: at },
    // What masks it needs an address to be seen at, and clients ask for it at once.
    endpoints: input.endpoints.length > 0 ? input.endpoints : [{ type: "read_write" }],
  });
  if (start) {
    await services.background.ready(made.branch.id);
    await anonymizer.start(projectId, made.branch.id);
  }
  return { ...made, branch: records.branch(projectId, made.branch.id) };
}
