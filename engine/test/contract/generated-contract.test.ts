import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { limits } from "../../../scripts/test-support/limits.ts";
import { longRun } from "../../../scripts/test-support/needs.ts";
import { createServer } from "../../src/api/io/server.ts";
import type { ControlPlane } from "../../src/control-plane/api.ts";
import { ContractFixture } from "../support/contract-fixture.ts";
import { operationsOf } from "../support/request-description.ts";
import { type Form, formsOf, type RequestParts } from "../support/request-forms.ts";
import type { Kind } from "../support/request-values.ts";

/**
 * Requests made from the official description: for every operation of the first tier and every
 * parameter and property of it, values that are right, that are at a limit, and that are wrong. Each
 * answer is held against the description; a wrong request is refused and changes nothing; a right
 * one is not called malformed, and of each property one value at least is taken.
 *
 * Where an answer takes a new Postgres, right values are sent several to a request; with DS_LONG=1
 * also one by one, and every wrong value together with every right one of another place.
 */

const long = longRun.find() === true;

if (long) vi.setConfig({ testTimeout: limits.longTest });

const branch =
  "branches(/count|/:branch(/(restore|set_as_default|schema|compare_schema|endpoints))?)?";
const held = "branches/:branch/(databases|roles)(/:\\w+(/(reveal|reset)_password)?)?";
const endpoint = "endpoints(/:endpoint(/(start|suspend|restart))?)?";
const aboutProject =
  "advisors|available_preload_libraries|jwks|permissions(/:permission)?|vpc_endpoints";
const inProject = `connection_uri|operations(/:operation)?|${branch}|${held}|${endpoint}|${aboutProject}`;
const account =
  "users/me(/organizations)?|auth|regions|api_keys(/:key)?|organizations/:organization(/members|/vpc/vpc_endpoints)?";
const firstTier = new RegExp(`^/(${account}|projects(/shared|/:project(/(${inProject}))?)?)$`);

const routes = createServer({} as ControlPlane, {
  apiKey: "",
  isMadeKey: () => false,
  version: "",
  log: () => {},
  stop: () => {},
})
  .routes.filter(({ method }) => method !== "ALL" && method !== "OPTIONS")
  .filter(({ path }) => path.startsWith("/api/v2/"))
  .map(({ method, path }) => ({ method, path: path.slice("/api/v2".length) }))
  .filter(({ path }) => firstTier.test(path));

const operations = operationsOf(routes.map(({ method, path }) => `${method} ${path}`));

/** Refused by this engine, and why; nothing of such a place need be taken. */
const refusedByIntent: Record<string, string> = {
  "createProjectBranch body branch.archived": "only false is taken",
};

let fixture: ContractFixture;

beforeAll(async () => {
  fixture = await ContractFixture.open();
});

afterAll(async () => {
  await fixture?.close();
});

test("the first tier is there", () => {
  expect(operations.length).toBe(56);
});

describe.each(operations.map((each) => [each.id, each] as const))("%s", (_, operation) => {
  const forms = formsOf(operation);
  const of = (kind: Kind) => forms.filter((form) => form.kind === kind);
  const send = (parts: RequestParts) => fixture.send(operation.method, operation.path, parts);
  const describeForm = (form: Form) => `${operation.id}: ${form.place}: ${form.why}`;

  test("the smallest right request is taken", async () => {
    const { status, body } = await send(await fixture.requestFor(operation.id));
    await fixture.tidy();
    expect(status, body).toBeLessThan(300);
  });

  test("wrong requests are refused and change nothing", async () => {
    const problems: string[] = [];
    const base = await fixture.requestFor(operation.id);
    const before = await catalogOf(fixture.home);
    for (const form of of("invalid")) {
      for (const other of long ? [undefined, ...of("valid")] : [undefined]) {
        const { status, body } = await send(form.apply(other ? other.apply(base) : base));
        if (refusalsOf(form, other).includes(status)) continue;
        problems.push(`${describeForm(form)} gave ${status} ${body.slice(0, 300)}`);
      }
    }
    const after = await catalogOf(fixture.home);
    await fixture.tidy();
    expect(problems).toEqual([]);
    expect(after).toEqual(before);
  });

  test("right requests are not called malformed, nor does any fail", async () => {
    const problems: string[] = [];
    // The smallest right request was taken, with what it holds.
    const taken = new Set(placesIn(await fixture.requestFor(operation.id)));
    await fixture.tidy();
    // What contradicts each other is taken apart until each part is taken, or stands alone.
    const attempt = async (round: Form[], allowed: (status: number) => boolean): Promise<void> => {
      let parts = await fixture.requestFor(operation.id);
      for (const form of round) parts = form.apply(parts);
      const { status, body } = await send(parts);
      if (status >= 500 || (round.length === 1 && !allowed(status))) {
        problems.push(`${round.map(describeForm).join(", ")} gave ${status} ${body}`);
      }
      for (const { place } of round) if (status < 300) taken.add(place);
      const madeSomething = operation.id.startsWith("delete");
      if (operation.method !== "GET" && (status < 300 || madeSomething)) await fixture.tidy();
      if (status < 300 || round.length === 1) return;
      const half = round.length >> 1;
      await attempt(round.slice(0, half), allowed);
      await attempt(round.slice(half), allowed);
    };
    const roundsOf = (some: Form[]) =>
      fixture.isCostly(operation.id) && !long ? inRounds(some) : some.map((form) => [form]);
    const ofState = [200, 201, 204, 404, 409, 412, 422];
    for (const round of roundsOf(of("valid"))) await attempt(round, (s) => ofState.includes(s));
    for (const round of roundsOf(of("tolerated"))) await attempt(round, (status) => status < 500);
    const places = new Set(of("valid").map(({ place }) => place));
    const never = [...places].filter((place) => !place.startsWith("path") && !taken.has(place));
    expect(problems).toEqual([]);
    expect(never.filter((place) => !(`${operation.id} ${place}` in refusedByIntent))).toEqual([]);
  });
});

function placesIn({ query, body }: RequestParts): string[] {
  const inBody = (value: unknown, at: string): string[] =>
    typeof value === "object" && value !== null
      ? [at, ...Object.entries(value).flatMap(([key, inner]) => inBody(inner, `${at}.${key}`))]
      : [at];
  return [
    ...Object.keys(query).map((name) => `query ${name}`),
    ...inBody(body, "body").map((place) => place.replace("body.", "body ")),
  ];
}

/** What a wrong request may be answered with; beside another change, other reasons may come first. */
function refusalsOf(form: Form, other: Form | undefined): number[] {
  if (form.place.startsWith("path")) return other ? [400, 404, 409, 422] : [404];
  if (form.why.includes("MiB")) return [413];
  return other ? [400, 404, 409, 413, 422] : [400];
}

test("nothing is left over", async () => {
  await fixture.settled();
  const referenced = Object.values(await catalogOf(fixture.home))
    .flatMap((text) => /"dataDir":"([^"]+)"/.exec(text)?.[1] ?? [])
    .sort();
  expect((await readdir(join(fixture.home, "data", "pgdata"))).sort()).toEqual(referenced);
});

/**
 * The k-th values of all places in one request: as many rounds as the richest place has values. What
 * concerns the whole body goes alone, and what leaves fields out makes a round of its own.
 */
function inRounds(forms: Form[]): Form[][] {
  const alone = forms.filter(({ place }) => place === "body");
  const without = forms.filter((form) => form.why === "absent" && !alone.includes(form));
  const others = forms.filter((form) => !alone.includes(form) && !without.includes(form));
  const places = [...new Set(others.map(({ place }) => place))].map((place) =>
    others.filter((form) => form.place === place),
  );
  const most = Math.max(0, ...places.map(({ length }) => length));
  const mixed = Array.from({ length: most }, (_, k) => places.flatMap((some) => some[k] ?? []));
  return [...alone.map((form) => [form]), without, ...mixed].filter((round) => round.length > 0);
}

/** What is on disk, but for the list of what was done, and sizes, which change by themselves. */
async function catalogOf(home: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of await readdir(join(home, "catalog"), { recursive: true })) {
    if (!name.endsWith(".json")) continue;
    const text = await readFile(join(home, "catalog", name), "utf8");
    files[name] = JSON.stringify(JSON.parse(text), (key, value) =>
      key === "logicalSize" ? undefined : value,
    );
  }
  return files;
}
