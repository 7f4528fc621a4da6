import { spawnSync } from "node:child_process";
import { describe, type TestContext, type TestOptions, test } from "vitest";

// What some tests use and not every machine has. This is the one way to leave a test out for it: Vitest's own `skipIf` runs
// the body of a suite that it skips, which may make folders that no hook removes.

export interface Need<Found = true> {
  /** What completes "needs ...". */
  readonly name: string;
  /** Belongs to `npm run test-tools`. */
  readonly isTool?: true;
  /** Undefined where it is missing. */
  find(): Found | undefined;
}

declare module "vitest" {
  interface TaskMeta {
    /** For want of what a test is skipped. */
    needs?: string;
  }
}

type Rest<Body> = [body: Body] | [options: TestOptions, body: Body];

/** A suite that gets what was found; where that is missing, one skipped test, and the body never runs. */
export function describeWith<Found>(
  need: Need<Found>,
  name: string,
  ...rest: Rest<(found: Found) => void>
): void {
  const { found, options, body } = look(need, rest);
  if (found === undefined) skip(need, name);
  else describe(name, options, () => body(found));
}

/** The same for a single test. */
export function testWith<Found>(
  need: Need<Found>,
  name: string,
  ...rest: Rest<(found: Found, context: TestContext) => void | Promise<void>>
): void {
  const { found, options, body } = look(need, rest);
  if (found === undefined) skip(need, name);
  else test(name, options, (context) => body(found, context));
}

function look<Found, Body>(need: Need<Found>, rest: Rest<Body>) {
  const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
  return { found: need.find(), options: { ...options, ...tagged(need) }, body };
}

function skip(need: Need<unknown>, name: string): void {
  const remedy = need.isTool && !usesTools ? " (npm run test-tools)" : "";
  const options = { ...tagged(need), meta: { needs: need.name } };
  test.skip(`${name}: needs ${need.name}${remedy}`, options, () => {});
}

const tagged = ({ isTool }: Need<unknown>): TestOptions => (isTool ? { tags: ["tools"] } : {});

/** Every machine runs the same tests by default, so tools count only where they are asked for. */
const usesTools = process.env.TEST_TOOLS === "1";

/** What is no part of every system that runs ds; by default, a program in the PATH. */
export function tool(name: string): Need<string>;
export function tool<Found>(name: string, find: () => Found | undefined): Need<Found>;
export function tool(name: string, find: () => unknown = inPath(name).find): Need<unknown> {
  return { name, isTool: true, find: () => (usesTools ? find() : undefined) };
}

/** A program of the system, found as its name. */
export function inPath(name: string): Need<string> {
  const find = () =>
    spawnSync("sh", ["-c", 'command -v "$0"', name]).status === 0 ? name : undefined;
  return { name, find };
}

/** A need of which there is nothing to be handed on. */
export function condition(name: string, isMet: () => boolean): Need {
  return { name, find: () => isMet() || undefined };
}

/** Where of several ways to do something one asks for nothing. */
export const anywhere = condition("nothing", () => true);

export const psql = tool("psql");

export const linux = condition("Linux", () => process.platform === "linux");

export const ordinaryUser = condition(
  "a user who is not root",
  () => process.getuid !== undefined && process.getuid() !== 0,
);

/** For tests with files, or programs, of several users. */
export const root = condition("root", () => process.getuid?.() === 0);

/** For tests that take minutes. */
export const longRun = condition("DS_LONG=1", () => process.env.DS_LONG === "1");
