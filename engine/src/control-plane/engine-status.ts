import type { Quarantined } from "../storage/quarantined.ts";

/** What `ds engine status` shows. */
export interface EngineStatus {
  version: string;
  pid: number;
  home: string;
  url: string;
  startedAt: string;
  projects: number;
  branches: number;
  computesRunning: number;
  /** How a new branch's data comes to be, and for "copy" why, and what would make it instant. */
  clone: { method: "reflink" | "copy"; reason?: string; advice?: string };
  disk: { usedBytes: number; freeBytes: number; volume: "directory" | "image" };
  postgres: { version: string; bin: string };
  /** Other versions of Postgres; `version` is null where its server cannot be used. */
  otherPostgres: { major: number; version: string | null; bin: string }[];
  /** Read replicas that run; `lagBytes`: the log that they have not replayed, null where that is not known. */
  replicas: { endpointId: string; branch: string; lagBytes: number | null }[];
  /** What was added to Postgres. */
  extensions: { name: string; version: string }[];
  /** Data that no record refers to, kept for a while. */
  quarantine: Quarantined[];
  /** Endpoints whose remembered port another program has taken, and other things to look at. */
  problems: string[];
}
