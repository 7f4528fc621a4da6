import { afterAll, expect, test } from "vitest";
import { DsProject } from "../helpers/ds-project.ts";

// `ds engine postgres`: what is refused, and what status and doctor say. Projects of other versions are tested in engine/test.

const project = new DsProject(`{ project: "versions" }`);
afterAll(() => project.remove());

const json = async (...args: string[]) => {
  const ended = await project.run([...args, "--json"]);
  return { status: ended.status, document: JSON.parse(ended.stdout) };
};

test("a directory that is no server's, and a version that is none, are refused", async () => {
  const listed = await json("engine", "postgres", "list");
  expect(listed.document).toMatchObject({ own: { bin: expect.any(String) }, others: [] });
  const bad = await json("engine", "postgres", "add", "17", ".");
  expect(bad.status).toBe(3);
  expect(bad.document.error).toMatchObject({
    code: "PREREQUISITE_MISSING",
    reason: "POSTGRES_UNUSABLE",
  });
  const own = await json("engine", "postgres", "add", "17", listed.document.own.bin);
  expect(own.document.error).toMatchObject({ reason: "POSTGRES_UNUSABLE" });
  expect((await json("engine", "postgres", "add", "latest", ".")).status).toBe(2);
  expect((await json("engine", "postgres", "remove", "17")).status).toBe(4);
});

test("doctor tells the engine's version", async () => {
  const { document } = await json("doctor");
  const { checks } = document.error?.report ?? document.report ?? document;
  const { version } = (await json("engine", "status")).document.postgres;
  expect(checks).toContainEqual(
    expect.objectContaining({ check: "postgres", health: "ok", says: `the engine has ${version}` }),
  );
});
