import type { BranchRecord, EndpointRecord } from "./records.ts";
export interface BranchFile {
  branch: BranchRecord;
  endpoints: EndpointRecord[];
}
