import type { Destructions } from "../contract.ts";
import { askEngine } from "./ask-engine.ts";
import type { EngineAddress } from "./find.ts";

/** What was destroyed in a branch, as its log tells; with many changes it takes a minute. */
export const destructionsOf = (
  address: EngineAddress,
  { projectId, branchId, limit }: { projectId: string; branchId: string; limit: number },
): Promise<Destructions> =>
  askEngine(
    address,
    `/engine/projects/${encodeURIComponent(projectId)}/branches/${encodeURIComponent(branchId)}/destructions?limit=${limit}`,
  );
