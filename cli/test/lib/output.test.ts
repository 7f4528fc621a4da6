import { describe, expect, test } from "vitest";
import { until } from "../../../scripts/test-support/until.ts";
import { DsError } from "../../src/errors/ds-error.ts";
import { memoryOutput } from "../helpers/memory-output.ts";

const secretUrl = "postgresql://u:secret@h/d";

describe("result", () => {
  test("text on stdout, without what is secret", () => {
    const { output, text } = memoryOutput();
    output.result({ a: 1 }, `at ${secretUrl}`);
    expect(text).toEqual({ out: "at postgresql://u:****@h/d\n", err: "" });
  });

  test("with --json one document, masked too, and nothing else", () => {
    const { output, text } = memoryOutput({ json: true });
    output.note("working");
    output.result({ url: secretUrl }, "text");
    expect(JSON.parse(text.out)).toEqual({ url: "postgresql://u:****@h/d" });
    expect(text.err).toBe("working\n");
  });

  test("a second document is a bug", () => {
    const { output } = memoryOutput({ json: true });
    output.result({}, "");
    expect(() => output.result({}, "")).toThrow(/one result/);
  });

  test("only a secret's own command prints it", () => {
    for (const json of [false, true]) {
      const { output, text } = memoryOutput({ json });
      output.secretResult({ url: secretUrl }, secretUrl);
      expect(text.out).toContain(secretUrl);
    }
  });
});

describe("failure", () => {
  const error = new DsError("LOCKED", `busy at ${secretUrl}`, {
    hint: "Wait.",
    details: { pid: 7 },
  });

  test("message and hint on stderr, stdout empty", () => {
    const { output, text } = memoryOutput();
    output.failure(error, undefined);
    expect(text).toEqual({ out: "", err: "error: busy at postgresql://u:****@h/d\nWait.\n" });
  });

  test("with --json the same as one document, details beside the code", () => {
    const { output, text } = memoryOutput({ json: true });
    output.failure(error, undefined);
    expect(JSON.parse(text.out)).toEqual({
      error: { code: "LOCKED", message: "busy at postgresql://u:****@h/d", hint: "Wait.", pid: 7 },
    });
  });

  test("after a result there is no second document", () => {
    const { output, text } = memoryOutput({ json: true });
    output.result({ done: true }, "");
    output.failure(error, undefined);
    expect(JSON.parse(text.out)).toEqual({ done: true });
    expect(text.err).toContain("error: busy");
  });
});

describe("steps", () => {
  test("in a log: one line each, with its own ending", async () => {
    const { output, text } = memoryOutput();
    await output.step("Working", async (step) => {
      step.update("half");
      step.finish("Worked");
    });
    await expect(output.step("Failing", () => Promise.reject(new Error("x")))).rejects.toThrow("x");
    expect(text).toEqual({ out: "", err: "✓ Worked\n✗ Failing\n" });
  });

  test("on a terminal: a spinner that is wiped away, its text masked", async () => {
    const { output, text } = memoryOutput({ isTTY: true });
    await output.step("Working", async (step) => {
      step.update(secretUrl);
      await until("the spinner", () => text.err.includes("****"));
    });
    expect(text.err).toContain("\r\u001b[2K");
    expect(text.err).not.toContain("secret");
    expect(text.err.endsWith("Working\n")).toBe(true);
  });

  const long = `drizzle/0001_a.sql:\nwaits for a lock ${"x".repeat(100)}`;
  test.each([
    [40, long, "Working: drizzle/0001_a.sql: waits f…"],
    [undefined, long, `Working: drizzle/0001_a.sql: waits for a lock ${"x".repeat(30)}…`],
    [20, "日本語の名前", "Working: 日本語…"],
    [20, "👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", "Working: 👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧…"],
  ])("in %s columns %j stays on its line", async (columns, update, shown) => {
    const { output, text } = memoryOutput({ isTTY: true, env: { NO_COLOR: "1" }, columns });
    const drawn = () => text.err.split("\r\u001b[2K").filter((part) => /^[^\s✓] /.test(part));
    await output.step("Working", async (step) => {
      step.update(update);
      await until("the spinner", () => text.err.includes(shown));
    });
    for (const line of drawn()) expect(line.slice(2)).toBe(shown);
  });

  test("a line within a step stands on a line of its own, the spinner goes on below", async () => {
    const { output, text } = memoryOutput({ isTTY: true, env: { NO_COLOR: "1" } });
    const afterHalf = () => text.err.split("half\n")[1];
    await output.step("Working", async () => {
      await until("the spinner", () => text.err.includes("Working"));
      output.note("half");
      await until("the spinner below", () => text.err.split("half\n")[1]?.includes("Working"));
    });
    const wiped = "\r\u001b[2K";
    expect(text.err).toContain(`Working${wiped}half\n${wiped}`);
    expect(afterHalf()).toMatch(/. Working/);
  });

  test.each([{ NO_COLOR: "1" }, { TERM: "dumb" }])("no colours with %j", (env) => {
    const { output, text } = memoryOutput({ isTTY: true, env });
    output.warn("careful");
    output.result({}, (style) => style.bold("x"));
    expect(text).toEqual({ out: "x\n", err: "warning: careful\n" });
  });

  test("details only when asked for", () => {
    for (const verbose of [false, true]) {
      const { output, text } = memoryOutput({ verbose });
      output.detail("why");
      expect(text.err).toBe(verbose ? "why\n" : "");
    }
  });
});

describe("what others have written", () => {
  const hostile = "\u001b]0;owned\u0007\u009b2J\u202e\r\n::stop-commands::x\n ##[add-mask]y";
  const isTame = /^[\n\r\t -~✓✗]*$/;

  test("reaches no stream with its escapes", async () => {
    const { output, text } = memoryOutput({ verbose: true });
    output.result({}, hostile);
    output.stream(hostile);
    output.passOn(hostile);
    output.secretResult({}, hostile);
    output.note(hostile);
    output.warn(hostile);
    output.detail(hostile);
    output.done(hostile);
    await output.step(hostile, async (step) => step.finish(hostile));
    output.failure(new DsError("UPSTREAM", hostile, { hint: hostile }), hostile);
    expect(text.out).toMatch(isTame);
    expect(text.err).toMatch(isTame);
    expect(text.out + text.err).toContain("\\x1b]0;owned\\x07\\x9b2J\\u202e");
  });

  test("is no command to GitHub's runner, also as JSON", () => {
    for (const json of [false, true]) {
      const { output, text } = memoryOutput({ json, env: { GITHUB_ACTIONS: "true" } });
      output.result({ name: hostile }, hostile);
      output.note(hostile);
      expect(text.out + text.err).not.toMatch(/^\s*::|##\[/m);
      if (json) expect(JSON.parse(text.out)).toEqual({ name: hostile });
    }
  });

  test("a secret of several lines is one command to GitHub's runner", () => {
    const { output, text } = memoryOutput({ env: { GITHUB_ACTIONS: "true" } });
    output.hide("a\n::stop-commands::x");
    expect(text.err).toBe("::add-mask::a%0A::stop-commands::x\n");
  });
});
