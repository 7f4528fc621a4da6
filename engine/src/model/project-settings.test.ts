import { describe, expect, test } from "vitest";
import { mergeSettings, projectSettings } from "./project-settings.ts";

describe("projectSettings", () => {
  test("has everything that the cloud answers, also where nothing was set", () => {
    expect(projectSettings({ settings: {} })).toEqual({
      allowed_ips: { ips: [], protected_branches_only: false },
      enable_logical_replication: false,
      block_public_connections: false,
      block_vpc_connections: false,
      maintenance_window: { weekdays: [7], start_time: "02:00", end_time: "03:00" },
    });
  });

  test("what was set counts, and a part of an object leaves the rest", () => {
    const settings = { allowed_ips: { ips: ["192.0.2.1"] }, block_public_connections: true };
    expect(projectSettings({ settings })).toMatchObject({
      allowed_ips: { ips: ["192.0.2.1"], protected_branches_only: false },
      block_public_connections: true,
    });
    expect(projectSettings({ settings: {} }).allowed_ips.ips).toEqual([]);
  });
});

test.each([
  [{ a: 1 }, { b: 2 }, { a: 1, b: 2 }],
  [{ a: { x: 1, y: 2 } }, { a: { y: 3 } }, { a: { x: 1, y: 3 } }],
  [{ a: [1, 2] }, { a: [] }, { a: [] }],
  [{ a: 1 }, { a: undefined }, { a: 1 }],
  [{ a: 1 }, undefined, { a: 1 }],
])("mergeSettings(%j, %j)", (settings, change, merged) => {
  expect(mergeSettings(settings, change)).toEqual(merged);
});
