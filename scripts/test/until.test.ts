import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { Program } from "../test-support/program.ts";
import { until } from "../test-support/until.ts";

test("until: returns what the probe finds, after it has found nothing and failed", async () => {
  const answers = [() => undefined, () => expect.fail("not there"), () => "found"];
  expect(await until("it", () => answers.shift()?.())).toBe("found");
});

test("until: goes on while something moves, gives up where nothing does, and says what it saw", async () => {
  let count = 0;
  const probe = () => {
    count = Math.min(count + 1, 30);
    throw new Error(`at ${count}`);
  };
  const options = { everyMs: 10, stillMs: 100 };
  await expect(until("the moon", probe, options)).rejects.toThrow("the moon: found Error: at 30");
});

const node = (code: string) =>
  new Program(process.execPath, ["-e", code], { cwd: tmpdir(), env: process.env });

test("a program: what it says can be waited for, and how it ended is told", async () => {
  const program = node(`process.stdin.resume(); console.log("on it"); process.exitCode = 3;`);
  await program.says("on it");
  expect(await program.ended).toEqual({ status: 3, signal: null, stdout: "on it\n", stderr: "" });
});

test("a program that ends without what was waited for: nobody waits on, and its output is shown", async () => {
  const program = node(`console.error("no such luck")`);
  await expect(program.says(/ready/)).rejects.toThrow("no such luck");
  await expect(program.reaches("a file", () => false)).rejects.toThrow("no such luck");
});
