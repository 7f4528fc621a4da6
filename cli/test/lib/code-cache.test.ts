import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CodeCache } from "../../src/runtime/io/code-cache.ts";
import { ds } from "../helpers/command.ts";
import { scratchFolder } from "../helpers/scratch.ts";

let scratch: ReturnType<typeof scratchFolder>;
let home: string;
const folder = () => join(home, "cache", "code");
const source = "(function (n) { return n + 1; })";
const other = "(function (n) { return n + 2; })";

beforeEach(() => {
  scratch = scratchFolder();
  home = join(scratch.path, "home");
  mkdirSync(home);
});
afterEach(() => scratch.remove());

/** What a run does: compiles, calls, keeps. */
function run(build: string, sources: Record<string, string>) {
  const cache = new CodeCache(home, build);
  const results = Object.entries(sources).map(([name, text]) => {
    const script = cache.compile(name, text, join(home, name));
    return { rejected: script.cachedDataRejected, value: script.runInThisContext()(1) };
  });
  cache.store();
  return results;
}

test("the next run takes what the one before has compiled, and adds what is new", () => {
  expect(run("a", { one: source })).toEqual([{ rejected: undefined, value: 2 }]);
  expect(run("a", { one: source, two: other })).toEqual([
    { rejected: false, value: 2 },
    { rejected: undefined, value: 3 },
  ]);
  const [file = ""] = readdirSync(folder());
  const { mtimeMs, mode } = statSync(join(folder(), file));
  expect(mode & 0o777).toBe(0o600);
  expect(run("a", { one: source, two: other })).toMatchObject([{ value: 2 }, { value: 3 }]);
  // Nothing new: not written again.
  expect(statSync(join(folder(), file)).mtimeMs).toBe(mtimeMs);
});

test("a run of another kind adds the functions that it calls", () => {
  const steps = "const rare = () => [n, n].map((m) => m * 2).join(); return n > 1 ? rare() : n;";
  const kept = () => new CodeCache(home, "a").compile("one", text, "one").createCachedData().length;
  const text = `(function (n) { ${steps} })`;
  run("a", { one: text });
  const before = kept();
  run("a", { one: text, two: source });
  expect(kept()).toBe(before);
  const cache = new CodeCache(home, "a");
  cache.compile("three", source, "three");
  expect(cache.compile("one", text, "one").runInThisContext()(2)).toBe("4,4");
  cache.store();
  expect(kept()).toBeGreaterThan(before);
});

test("another build has another cache; what nobody has used for long goes", () => {
  run("a", { one: source });
  const [first = ""] = readdirSync(folder());
  run("b", { one: other });
  expect(readdirSync(folder())).toHaveLength(2);
  utimesSync(join(folder(), first), new Date(0), new Date(0));
  expect(run("c", { one: source })).toEqual([{ rejected: undefined, value: 2 }]);
  expect(readdirSync(folder())).not.toContain(first);
});

test.each<[string, (content: Buffer) => Buffer | string]>([
  ["empty", () => ""],
  ["no index", () => "9       {"],
  ["cut off within a script", (content) => content.subarray(0, content.length - 100)],
  ["of another V8", (content) => content.fill(0, content.indexOf("}") + 1)],
])("a file that is %s costs only time", (_, damage) => {
  run("a", { one: source });
  const file = join(folder(), readdirSync(folder())[0] ?? "");
  writeFileSync(file, damage(readFileSync(file)));
  const twoHoursAgo = new Date(Date.now() - 7_200_000);
  utimesSync(file, twoHoursAgo, twoHoursAgo);
  expect(run("a", { one: source })).toMatchObject([{ value: 2 }]);
  expect(run("a", { one: source })).toEqual([{ rejected: false, value: 2 }]);
});

test("runs of Node with other flags, whose code differs, do not take turns in writing it", async () => {
  const version = (NODE_OPTIONS: string) =>
    ds(scratch.path, ["--version"], { DS_HOME: home, NODE_OPTIONS });
  await version("");
  const file = join(folder(), readdirSync(folder())[0] ?? "");
  const { mtimeMs } = statSync(file);
  expect(await version("--interpreted-frames-native-stack")).toMatchObject({ status: 0 });
  expect(statSync(file).mtimeMs).toBe(mtimeMs);
});

test("the command: keeps its code in a home, makes none for it, and runs where none can be kept", async () => {
  const version = (DS_HOME: string) => ds(scratch.path, ["--version"], { DS_HOME });
  const absent = join(scratch.path, "absent");
  const first = await version(absent);
  expect(first).toMatchObject({ status: 0, stderr: "" });
  expect(readdirSync(scratch.path)).toEqual(["home"]);
  expect(await version(home)).toEqual(first);
  expect(readdirSync(folder())).toHaveLength(1);
  expect(await version(home)).toEqual(first);
  const file = join(scratch.path, "file");
  writeFileSync(file, "");
  expect(await version(file)).toEqual(first);
});
