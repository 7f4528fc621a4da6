import { createHash } from "node:crypto";

/** Names the files that this home has of a project. `project`: its id, or its name where it may not be there yet. */
export const projectKey = (api: string, project: string): string =>
  createHash("sha256").update(`${api}\n${project}`).digest("hex").slice(0, 16);
