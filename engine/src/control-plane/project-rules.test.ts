import { describe, expect, test } from "vitest";
import type { ProjectRecord } from "../model/records.ts";
import { needsRestart, refuseSettings, refuseVersion } from "./project-rules.ts";

const logical = { enable_logical_replication: true };
const libraries = (...enabled_libraries: string[]) => ({
  preload_libraries: { enabled_libraries },
});

describe("refuseSettings", () => {
  const refusal = (change: object | undefined, settings?: object) =>
    refuseSettings(
      change as Record<string, unknown>,
      ["auto_explain"],
      settings && { settings: settings as never },
    )?.code;

  test.each([
    [undefined, undefined],
    [logical, undefined],
    [logical, logical],
    [{ enable_logical_replication: false }, {}],
    [{ hipaa: true }, logical],
    [libraries("auto_explain"), {}],
  ])("%j after %j may be", (change, settings) => {
    expect(refusal(change, settings)).toBeUndefined();
  });

  test("logical replication stays, and a library that is not there is named", () => {
    expect(refusal({ enable_logical_replication: false }, logical)).toBe(
      "LOGICAL_REPLICATION_PERMANENT",
    );
    expect(refusal(libraries("auto_explain", "/tmp/evil"))).toBe("PRELOAD_LIBRARY_UNKNOWN");
  });
});

test("a version of Postgres that is not there is refused, with what helps", () => {
  expect(refuseVersion(15, [15, 18])).toBeUndefined();
  expect(refuseVersion(17, [15, 18])).toMatchObject({
    status: 422,
    code: "PG_VERSION_UNSUPPORTED",
    message: expect.stringMatching(/15, 18.*ds engine postgres add 17/),
  });
});

test.each([
  [{}, {}, false],
  [{}, logical, true],
  [{}, { enable_logical_replication: false }, false],
  [{}, { quota: { logical_size_bytes: 1 } }, false],
  [logical, { ...logical, ...libraries("auto_explain") }, true],
])("from %j to %j: Postgres has to start again: %s", (before, after, expected) => {
  const project = (settings: object) => ({ settings }) as ProjectRecord;
  expect(needsRestart(project(before), project(after))).toBe(expected);
});
