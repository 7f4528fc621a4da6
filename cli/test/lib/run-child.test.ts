import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { runChild } from "../../src/lib/process/io/run-child.ts";
import { alive } from "../helpers/alive.ts";
import { withScratchFolder } from "../helpers/scratch.ts";

const scratch = withScratchFolder();
const { env } = process;
const sh = (line: string) => ({ line, cwd: scratch.path, env });

describe("what it says", () => {
  test("both streams whole, as bytes, and its lines as they come, whatever ends them", async () => {
    const lines: string[] = [];
    const ended = await runChild(
      sh("printf 'a\\r\\nb\\rc'; sleep 0.05; printf 'd\\n' >&2; exit 3"),
      {
        onLine: (line) => lines.push(line),
      },
    );
    expect(ended).toMatchObject({ status: 3, signal: null });
    expect(ended.stdout.toString()).toBe("a\r\nb\rc");
    expect(ended.stderr.toString()).toBe("d\n");
    expect(lines.sort()).toEqual(["a", "b", "c", "d"]);
  });

  test("a text is its stdin; one that does not read it harms nobody", async () => {
    const text = "x".repeat(1 << 20);
    const counted = await runChild({ ...sh("wc -c"), input: { text } });
    expect(counted.stdout.toString().trim()).toBe(String(1 << 20));
    expect(await runChild({ ...sh("exit 0"), input: { text } })).toMatchObject({ status: 0 });
    expect((await runChild(sh("cat"))).stdout.toString()).toBe("");
  });
});

describe("one that does not get on", () => {
  test.each([
    ["busy", "for (;;) {}", { busyMs: 300, idleMs: 600_000 }],
    ["idle", "setTimeout(() => {}, 600_000)", { busyMs: 600_000, idleMs: 300 }],
  ] as const)("is ended, and it says how: %s", async (stuck, code, progress) => {
    const command = { program: process.execPath, args: ["--eval", code], env };
    expect(await runChild(command, { progress })).toMatchObject({ signal: "SIGTERM", stuck });
  });

  test("one that does is left alone", async () => {
    const command = { program: process.execPath, args: ["--eval", "1"], env };
    const progress = { busyMs: 600_000, idleMs: 600_000 };
    expect(await runChild(command, { progress })).toMatchObject({ status: 0, stuck: undefined });
  });
});

describe("its end", () => {
  test("a program or a folder that is not there is the system's error", async () => {
    for (const command of [
      { program: "no-such-program", args: [], env },
      { program: "true", args: [], cwd: join(scratch.path, "nowhere"), env },
    ]) {
      await expect(runChild(command)).rejects.toMatchObject({ code: "ENOENT" });
    }
  });

  test("an abort ends all of its group", async () => {
    const stopped = new AbortController();
    const pids: number[] = [];
    const running = runChild(
      { ...sh("echo $$; sh -c 'echo $$; exec sleep 60' & wait"), ownGroup: true },
      { signal: stopped.signal, onLine: (line) => pids.push(Number(line)) },
    );
    await vi.waitFor(() => expect(pids).toHaveLength(2), 5_000);
    stopped.abort();
    expect(await running).toMatchObject({ status: null, signal: "SIGTERM" });
    await vi.waitFor(() => expect(pids.filter(alive)).toEqual([]), 5_000);
  });

  test("an abort that is meant for the leader leaves it the end of the others", async () => {
    const stopped = new AbortController();
    const lines: string[] = [];
    const running = runChild(
      {
        ...sh("trap 'wait $!; echo over; exit 7' INT; (sleep 0.2; echo done) & echo go; wait"),
        ownGroup: true,
      },
      {
        signal: stopped.signal,
        stop: { by: "SIGINT", whom: "leader" },
        onLine: (line) => lines.push(line),
      },
    );
    await vi.waitFor(() => expect(lines).toContain("go"), 5_000);
    stopped.abort();
    expect(await running).toMatchObject({ status: 7 });
    expect(lines).toEqual(["go", "done", "over"]);
  });

  test("who was stopped is not waited for by what it has left with its streams", async () => {
    const stopped = new AbortController();
    const lines: string[] = [];
    const running = runChild(sh("sleep 60 & echo $!; wait"), {
      signal: stopped.signal,
      onLine: (line) => lines.push(line),
    });
    await vi.waitFor(() => expect(lines).toHaveLength(1), 5_000);
    stopped.abort();
    expect(await Promise.race([running, sleep(20_000)])).toMatchObject({ signal: "SIGTERM" });
    process.kill(Number(lines[0]), "SIGKILL");
  });

  test("a signal that was aborted before ends it at once", async () => {
    const ended = await runChild(sh("exec sleep 60"), { signal: AbortSignal.abort() });
    expect(ended).toMatchObject({ signal: "SIGTERM" });
  });
});
