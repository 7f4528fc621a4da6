import { expect, test } from "vitest";
import type { BranchRecord, EndpointRecord, ProjectRecord } from "../model/records.ts";
import { computeSettings } from "./compute-settings.ts";

const branch = { id: "br-a", projectId: "p" } as BranchRecord;
const project = { historyRetentionSeconds: 86_400 } as ProjectRecord;
const endpoint = (pgSettings: Record<string, string>) =>
  ({ id: "ep-a", pgSettings }) as EndpointRecord;

const settings = (owner: Partial<Parameters<typeof computeSettings>[0]>) =>
  computeSettings(
    { branch, project, endpoint: undefined, preparedTransactions: 0, ...owner },
    "1GB",
  );

test("a server knows whose it is, and keeps its log", () => {
  expect(settings({ endpoint: endpoint({}) })).toEqual({
    wal_keep_size: "1GB",
    "neon.branch_id": "br-a",
    "neon.project_id": "p",
    "neon.endpoint_id": "ep-a",
  });
  expect(settings({})["neon.endpoint_id"]).toBe("");
});

test("without a window no log is kept", () => {
  const none = { historyRetentionSeconds: 0 } as ProjectRecord;
  expect(settings({ project: none }).wal_keep_size).toBe("0");
});

test("an endpoint's settings count, but for those that are the engine's own", () => {
  const chosen = { work_mem: "5MB", wal_keep_size: "2GB", port: "1", archive_command: "true" };
  expect(settings({ endpoint: endpoint(chosen) })).toMatchObject({
    work_mem: "5MB",
    wal_keep_size: "2GB",
  });
  expect(settings({ endpoint: endpoint(chosen) })).not.toHaveProperty("port");
  expect(settings({ endpoint: endpoint(chosen) })).not.toHaveProperty("archive_command");
});

test.each([
  [0, "7", "7"],
  [3, "1", "3"],
  [3, "7", "7"],
])("%i prepared transactions have room, whatever is chosen (%s)", (prepared, chosen, room) => {
  const wanted = endpoint({ max_prepared_transactions: chosen });
  expect(
    settings({ endpoint: wanted, preparedTransactions: prepared }).max_prepared_transactions,
  ).toBe(room);
});
