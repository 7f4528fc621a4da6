import { expect, test } from "vitest";
import { currentStage, type StageInputs } from "./current-stage.ts";

const shared = { project: "p", stages: { dev: { project: "p", branch: undefined } } };
const nothing: StageInputs = {
  shared,
  variable: "DEVSTRIDE_STAGE",
  envFileName: ".env",
  target: undefined,
  fromEnvironment: undefined,
  fromEnvFile: undefined,
  local: async () => ({
    name: "phil-local",
    developer: { name: "phil", source: "git's user.name" },
    worktree: undefined,
  }),
};

test.each<[string, Partial<StageInputs>, string, string]>([
  [
    "the flag wins",
    { target: "dev", fromEnvironment: "a-b", fromEnvFile: "c-d" },
    "dev",
    "--target",
  ],
  ["then the environment", { fromEnvironment: "a-b", fromEnvFile: "c-d" }, "a-b", "environment"],
  ["then the env file", { fromEnvFile: "c-d" }, "c-d", "env file"],
  ["else the developer's own", {}, "phil-local", "developer"],
])("%s", async (_, inputs, name, source) => {
  expect(await currentStage({ ...nothing, ...inputs })).toMatchObject({ name, source });
});

test("says where it came from in words", async () => {
  const stage = await currentStage({ ...nothing, fromEnvFile: "c-d" });
  expect(stage.sourceText).toBe("DEVSTRIDE_STAGE in .env");
});

test("nobody is asked for a developer's name when something names the stage", async () => {
  const local = () => Promise.reject(new Error("asked"));
  await expect(currentStage({ ...nothing, local, target: "dev" })).resolves.toBeTruthy();
  await expect(currentStage({ ...nothing, local })).rejects.toThrow("asked");
});

test("what can be neither says where its name was read; another name may be a branch's", async () => {
  await expect(currentStage({ ...nothing, fromEnvironment: "a\u0007b" })).rejects.toMatchObject({
    reason: "STAGE_UNKNOWN",
    message: expect.stringContaining("DEVSTRIDE_STAGE in the environment"),
  });
  expect(await currentStage({ ...nothing, target: "weird" })).toMatchObject({ branch: "weird" });
});
