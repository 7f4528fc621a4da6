import { expect, test } from "vitest";
import type { BranchRecord, EndpointRecord, ProjectRecord } from "../model/records.ts";
import { computeSettings } from "./compute-settings.ts";

const branch = { id: "br-a", projectId: "p" } as BranchRecord;
const project = {
  pgVersion: 18,
  historyRetentionSeconds: 86_400,
  settings: {},
} as unknown as ProjectRecord;
const endpoint = (pgSettings: Record<string, string>) =>
  ({ id: "ep-a", pgSettings }) as EndpointRecord;

const settings = (owner: Partial<Parameters<typeof computeSettings>[0]>) =>
  computeSettings(
    { branch, project, endpoint: undefined, preparedTransactions: 0, ...owner },
    { keptLog: "1GB", preloadable },
  );
const preloadable = ["pg_stat_statements", "auto_explain"];

test("a server knows whose it is, and keeps its log", () => {
  expect(settings({ endpoint: endpoint({}) })).toEqual({
    wal_keep_size: "1GB",
    max_slot_wal_keep_size: "4GB",
    summarize_wal: "on",
    wal_summary_keep_time: "30d",
    shared_preload_libraries: "pg_stat_statements",
    "neon.branch_id": "br-a",
    "neon.project_id": "p",
    "neon.endpoint_id": "ep-a",
  });
  expect(settings({})["neon.endpoint_id"]).toBe("");
});

test("a server that cannot summarize its log is not asked to", () => {
  const older = settings({ project: { ...project, pgVersion: 16 } });
  expect(older).not.toHaveProperty("summarize_wal");
});

test("without a window no log is kept", () => {
  const none = { ...project, historyRetentionSeconds: 0 };
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

test("wal_level is logical where the project wants it", () => {
  expect(settings({})).not.toHaveProperty("wal_level");
  const logical = { ...project, settings: { enable_logical_replication: true } };
  expect(settings({ project: logical }).wal_level).toBe("logical");
});

test.each([
  [undefined, "", "pg_stat_statements"],
  [undefined, "mine", "pg_stat_statements, mine"],
  [{ use_defaults: false }, "mine", "mine"],
  [{ use_defaults: false }, "", undefined],
  [{ enabled_libraries: ["auto_explain", "absent"] }, "", "pg_stat_statements, auto_explain"],
])("preload_libraries %j with %j on the endpoint: %j", (preload_libraries, chosen, expected) => {
  const wanted = { ...project, settings: preload_libraries ? { preload_libraries } : {} };
  const own = endpoint(chosen ? { shared_preload_libraries: chosen } : {});
  expect(settings({ project: wanted, endpoint: own }).shared_preload_libraries).toBe(expected);
});
