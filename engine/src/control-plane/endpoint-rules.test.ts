import { expect, test } from "vitest";
import {
  newEndpointRecord,
  refuseAnother,
  refuseEndpoints,
  refuseSizing,
} from "./endpoint-rules.ts";
import { newProjectRecord } from "./project-records.ts";

const defaults = {
  autoscalingLimitMinCu: 0.25,
  autoscalingLimitMaxCu: 2,
  suspendTimeoutSeconds: 0,
  pgSettings: { work_mem: "5MB" },
};

const replica = { type: "read_only" as const };

test.each([
  ["none", [], undefined],
  ["one", [{ type: "read_write" as const }], undefined],
  ["replicas alone", [replica, replica, replica], undefined],
  ["one with replicas", [{ type: "read_write" as const }, replica, replica, replica], undefined],
  ["too many replicas", [replica, replica, replica, replica], "ENDPOINT_LIMIT_EXCEEDED"],
  [
    "two",
    [{ type: "read_write" as const }, { type: "read_write" as const }],
    "ENDPOINT_LIMIT_EXCEEDED",
  ],
])("endpoints of a new branch: %s", (_, endpoints, code) => {
  expect(refuseEndpoints(endpoints)?.code).toBe(code);
});

test.each([
  [[], "read_write", undefined],
  [["read_only"], "read_write", undefined],
  [["read_write"], "read_write", "ENDPOINT_ALREADY_EXISTS"],
  [["read_write", "read_only", "read_only"], "read_only", undefined],
  [["read_only", "read_only", "read_only"], "read_only", "ENDPOINT_LIMIT_EXCEEDED"],
] as const)("beside %j another %s", (there, type, code) => {
  expect(
    refuseAnother(
      there.map((each) => ({ type: each })),
      { type },
    )?.code,
  ).toBe(code);
});

test("the lower limit of autoscaling may be the upper one, not above it", () => {
  expect(refuseSizing({ ...defaults, autoscalingLimitMinCu: 2 })).toBeUndefined();
  expect(refuseSizing({ ...defaults, autoscalingLimitMinCu: 3 })).toMatchObject({
    status: 422,
    code: "AUTOSCALING_LIMITS_INVALID",
  });
});

test("an endpoint has the project's settings where it is given none", () => {
  const project = newProjectRecord({ defaultEndpointSettings: defaults }, 18, "2026-01-01");
  expect(
    newEndpointRecord(project, "br-a", { type: "read_write", suspendTimeoutSeconds: 60 }),
  ).toMatchObject({
    ...defaults,
    suspendTimeoutSeconds: 60,
    projectId: project.id,
    branchId: "br-a",
    type: "read_write",
    disabled: false,
  });
});
