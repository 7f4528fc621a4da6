import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openEnvFile } from "../../src/stages/io/env-file.ts";
import { scratchFolder } from "../helpers/scratch.ts";

let scratch: ReturnType<typeof scratchFolder>;
let path: string;
const mode = () => (statSync(path).mode & 0o777).toString(8);

beforeEach(() => {
  scratch = scratchFolder();
  path = join(scratch.path, ".env");
});
afterEach(() => scratch.remove());

test("is made private, and nothing else is left beside it", async () => {
  expect(await openEnvFile(path).set({ A: "1" })).toBe(true);
  expect(readFileSync(path, "utf8")).toBe("A=1\n");
  expect(mode()).toBe("600");
  expect(readdirSync(scratch.path)).toEqual([".env"]);
});

test("the same values again: not written at all", async () => {
  await openEnvFile(path).set({ A: "1" });
  const before = statSync(path);
  expect(await openEnvFile(path).set({ A: "1" })).toBe(false);
  expect(statSync(path).ino).toBe(before.ino);
});

test("a file that others could read becomes private when a password goes into it", async () => {
  writeFileSync(path, "B=2\n", { mode: 0o644 });
  await openEnvFile(path).set({ A: "1" });
  expect(mode()).toBe("600");
  expect(readFileSync(path, "utf8")).toBe("B=2\nA=1\n");
});

test("a symbolic link stays one", async () => {
  const real = join(scratch.path, "real.env");
  writeFileSync(real, "B=2\n");
  symlinkSync("real.env", path);
  await openEnvFile(path).set({ A: "1" });
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
  expect(readFileSync(real, "utf8")).toBe("B=2\nA=1\n");
});

test("a link that leads out of the checkout is read, but not written through", async () => {
  const folder = join(scratch.path, "checkout");
  mkdirSync(join(folder, ".git"), { recursive: true });
  const [real, link] = [join(scratch.path, "real.env"), join(folder, ".env")];
  writeFileSync(real, "B=2\n");
  symlinkSync(real, link);
  const file = openEnvFile(link);
  expect(await file.get("B")).toBe("2");
  const refusal = { code: "FILE_NOT_WRITABLE", reason: "ENV_FILE_OUTSIDE" };
  await expect(file.checkWritable()).rejects.toMatchObject(refusal);
  await expect(file.set({ A: "1" })).rejects.toMatchObject(refusal);
  expect(readFileSync(real, "utf8")).toBe("B=2\n");
});

test("a folder that is a link: what it leads to is written, but not outside of the checkout", async () => {
  const folder = realpathSync(scratch.path);
  const checkout = join(folder, "checkout");
  for (const each of [".git", "conf"]) mkdirSync(join(checkout, each), { recursive: true });
  symlinkSync("conf", join(checkout, "linked"));
  symlinkSync(folder, join(checkout, "out"));
  const inside = openEnvFile(join(checkout, "linked", ".env"));
  expect(await inside.writtenPath()).toBe(join(checkout, "conf", ".env"));
  await expect(openEnvFile(join(checkout, "out", ".env")).checkWritable()).rejects.toMatchObject({
    reason: "ENV_FILE_OUTSIDE",
  });
});

test("a link to nowhere is refused, and stays", async () => {
  symlinkSync("nowhere", path);
  const refusal = { code: "FILE_NOT_WRITABLE", reason: "NOT_A_REGULAR_FILE" };
  await expect(openEnvFile(path).checkWritable()).rejects.toMatchObject(refusal);
  await expect(openEnvFile(path).set({ A: "1" })).rejects.toMatchObject(refusal);
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
});

test("read-only: refused beforehand, with its bytes kept", async () => {
  writeFileSync(path, "B=2\n");
  chmodSync(path, 0o400);
  await expect(openEnvFile(path).checkWritable()).rejects.toMatchObject({
    code: "FILE_NOT_WRITABLE",
    message: expect.stringContaining(path),
  });
  expect(readFileSync(path, "utf8")).toBe("B=2\n");
});

test("a folder of that name: refused beforehand", async () => {
  mkdirSync(path);
  await expect(openEnvFile(path).checkWritable()).rejects.toMatchObject({
    code: "FILE_NOT_WRITABLE",
    reason: "ENV_FILE_IS_FOLDER",
  });
  await expect(openEnvFile(path).get("A")).rejects.toMatchObject({ code: "FILE_NOT_WRITABLE" });
});

test.each([
  ["Latin-1", Buffer.from("# caf\xe9\nA=1\n", "latin1")],
  ["UTF-16 with its mark", Buffer.from("\ufeffA=1\n", "utf16le")],
  ["UTF-16 without", Buffer.from("A=1\n", "utf16le")],
])("%s is refused, with its bytes kept", async (_, bytes) => {
  writeFileSync(path, bytes);
  const refusal = { code: "CONFIG_INVALID", reason: "ENV_FILE_NOT_UTF8" };
  await expect(openEnvFile(path).checkWritable()).rejects.toMatchObject(refusal);
  await expect(openEnvFile(path).get("A")).rejects.toMatchObject(refusal);
  await expect(openEnvFile(path).set({ A: "2" })).rejects.toMatchObject(refusal);
  expect(readFileSync(path)).toEqual(bytes);
});

test("UTF-8 with its mark and any letters keeps them", async () => {
  writeFileSync(path, "\ufeffA=1\nB=\u00e9\u20ac\n");
  await openEnvFile(path).set({ A: "2" });
  expect(readFileSync(path, "utf8")).toBe("\ufeffA=2\nB=\u00e9\u20ac\n");
});

test("no file yet: writable, and nothing is set in it", async () => {
  const file = openEnvFile(path);
  await file.checkWritable();
  expect([await file.exists(), await file.get("A"), await file.entries()]).toEqual([
    false,
    undefined,
    [],
  ]);
});
