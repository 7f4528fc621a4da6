import { spawnSync } from "node:child_process";
import { describe, type TestOptions, test } from "vitest";

// What some tests use and not every machine has. This is the one way to leave a test out for it: Vitest's own `skipIf` runs
// the body of a suite that it skips, which may make folders that no hook removes.

export interface Need<Found = true> {
  /** What completes "needs ...". */
  readonly name: string;
  /** Undefined where it is missing. */
  find(): Found | undefined;
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
  ...rest: Rest<(found: Found) => void | Promise<void>>
): void {
  const { found, options, body } = look(need, rest);
  if (found === undefined) skip(need, name);
  else test(name, options, () => body(found));
}

function look<Found, Body>(need: Need<Found>, rest: Rest<Body>) {
  const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
  return { found: need.find(), options, body };
}

function skip(need: Need<unknown>, name: string): void {
  test.skip(`${name} (needs ${need.name})`, () => {});
}

/** A program in the PATH, found as its name. */
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

export const psql = inPath("psql");

export const linux = condition("Linux", () => process.platform === "linux");

export const ordinaryUser = condition(
  "a user who is not root",
  () => process.getuid !== undefined && process.getuid() !== 0,
);

/** For tests that take minutes. */
export const longRun = condition("DS_LONG=1", () => process.env.DS_LONG === "1");
