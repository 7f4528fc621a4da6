import type { Branch } from "../../src/neon/model.ts";

/** A ready branch of a developer's, forked from main, but for what the patch says. */
export const aBranch = (patch: Partial<Branch> = {}): Branch => ({
  id: "br-one-two-three",
  projectId: "p",
  name: "dev-phil-local",
  parentId: "br-main",
  parentTimestamp: undefined,
  createdAt: "2026-11-20T00:00:00Z",
  updatedAt: "2026-11-20T00:00:00Z",
  expiresAt: undefined,
  lastResetAt: undefined,
  protected: false,
  default: false,
  state: "ready",
  logicalSizeBytes: undefined,
  createdBy: undefined,
  annotation: {},
  ...patch,
});
