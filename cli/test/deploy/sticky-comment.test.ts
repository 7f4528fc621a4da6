import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { markerOf } from "../../src/deploy/comment/body.ts";
import { publishComment, removeComments } from "../../src/deploy/comment/io/sticky.ts";
import { openGitHub } from "../../src/deploy/github/io/client.ts";
import { Output } from "../../src/runtime/output.ts";
import { StandInGitHub } from "../stand-ins/github.ts";

// The one comment of a pull request, whatever GitHub answers and whoever else is at work.

const hub = new StandInGitHub();
const marker = markerOf("shop");
const own = "github-actions[bot]";

beforeAll(() => hub.start());
afterAll(() => hub.stop());
beforeEach(() => {
  hub.pulls.clear();
  hub.comments.clear();
  hub.requests.length = 0;
  hub.faults = [];
  hub.meanwhile = undefined;
  hub.pull(7, "feature", "a".repeat(40));
});

function context(waitMs = 60_000) {
  const sink = { write: () => {} };
  const output = new Output({ stdout: sink, stderr: sink, env: {}, json: false, verbose: false });
  return { output, signal: new AbortController().signal, version: "test", waitMs };
}

function openSticky(env = hub.env("write"), waitMs?: number) {
  const runtime = { ...context(waitMs), env };
  const github = openGitHub(runtime);
  if (github === undefined) throw new Error("no GitHub");
  return { runtime, sticky: { github, pullRequest: 7, marker } };
}

async function publish(body: string, env?: Record<string, string>, waitMs?: number) {
  const { runtime, sticky } = openSticky(env, waitMs);
  try {
    return await publishComment(runtime, sticky, `${marker}\n${body}\n`);
  } finally {
    sticky.github.close();
  }
}

async function remove() {
  const { runtime, sticky } = openSticky();
  try {
    return await removeComments(runtime, sticky);
  } finally {
    sticky.github.close();
  }
}

const bodies = () => hub.bodies(7).map((body) => body.replace(`${marker}\n`, ""));

test("made, left, updated in place, removed, made anew", async () => {
  const made = await publish("one");
  expect(made.action).toBe("created");
  expect((await publish("one")).action).toBe("unchanged");
  expect(await publish("two")).toMatchObject({
    action: "updated",
    comment: { id: made.comment.id },
  });
  expect(bodies()).toEqual(["two"]);
  expect(await remove()).toBe(1);
  expect(await remove()).toBe(0);
  expect((await publish("three")).action).toBe("created");
});

test("behind a hundred others'; comments of other authors with the marker stay as they are", async () => {
  hub.comment(7, "mallory", `${marker}\nmine`);
  hub.comment(7, "other-app[bot]", `${marker}\nmine`);
  for (let at = 0; at < 230; at += 1) hub.comment(7, "octocat", `comment ${at}`);
  hub.comment(7, own, `of another workflow ${marker}`);
  hub.comment(7, own, `${markerOf("other")}\nanother project's`);
  const first = await publish("one");
  expect(await publish("two")).toMatchObject({
    action: "updated",
    comment: { id: first.comment.id },
  });
  expect(await remove()).toBe(1);
  expect(hub.bodies(7, "mallory")).toEqual([`${marker}\nmine`]);
  expect(hub.bodies(7, "other-app[bot]")).toEqual([`${marker}\nmine`]);
  expect(hub.bodies(7)).toHaveLength(2);
});

describe("never two", () => {
  test("another run makes one in the same moment: the older stays, with what was said last", async () => {
    hub.meanwhile = () => {
      hub.meanwhile = undefined;
      hub.comment(7, own, `${marker}\ntheirs`);
    };
    expect((await publish("ours")).action).toBe("updated");
    expect(bodies()).toEqual(["ours"]);
  });

  test("two that are there already become one", async () => {
    hub.comment(7, own, `${marker}\nolder`);
    hub.comment(7, own, `${marker}\nyounger`);
    expect((await publish("new")).action).toBe("updated");
    expect(bodies()).toEqual(["new"]);
  });

  test.each([
    ["an answer of 502", { status: 502 }],
    ["no answer", { cut: true }],
  ])("made, and %s: it is looked for before it is made again", async (_, fault) => {
    hub.faults = [{ on: "POST /comments", after: true, ...fault }];
    expect((await publish("one")).action).toBe("created");
    expect(bodies()).toEqual(["one"]);
    expect(hub.requests.filter((each) => each.startsWith("POST /repos"))).toHaveLength(1);
  });

  test("not made, and an answer of 503: made again", async () => {
    hub.faults = [{ on: "POST /comments", status: 503 }];
    expect((await publish("one")).action).toBe("created");
    expect(bodies()).toEqual(["one"]);
  });

  test("many runs at once end with one", async () => {
    const runs = Array.from({ length: 6 }, (_, at) => publish(`run ${at}`));
    await Promise.all(runs);
    expect(bodies()).toHaveLength(1);
  });
});

test("deleted by a person between look and update: made anew", async () => {
  const { comment } = await publish("one");
  hub.faults = [{ on: `PATCH /comments/${comment.id}`, status: 404 }];
  hub.comments.set(7, []);
  expect((await publish("two")).action).toBe("created");
  expect(bodies()).toEqual(["two"]);
});

test("failures of the way and limits are waited for", async () => {
  hub.faults = [
    { on: "GET /comments", status: 500 },
    { on: "GET /comments", cut: true },
    { on: "POST /comments", status: 429, headers: { "retry-after": "0" } },
    {
      on: "POST /comments",
      status: 403,
      headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1" },
    },
  ];
  expect((await publish("one")).action).toBe("created");
  expect(bodies()).toEqual(["one"]);
});

describe("told apart", () => {
  test.each([
    [
      "a limit that lasts longer than --wait",
      { on: "POST /comments", status: 403, headers: { "retry-after": "3600" } },
      "UPSTREAM",
      "GITHUB_RATE_LIMITED",
    ],
    [
      "the limit of writes, in words alone",
      {
        on: "POST /comments",
        status: 403,
        body: { message: "You have exceeded a secondary rate limit. Please wait." },
      },
      "UPSTREAM",
      "GITHUB_RATE_LIMITED",
    ],
    [
      "a body that GitHub refuses",
      { on: "POST /comments", status: 422, body: { message: "Validation Failed" } },
      "UPSTREAM",
      "GITHUB_FAILED",
    ],
    [
      "a repository that the token does not see",
      { on: "GET /comments", status: 404 },
      "NOT_FOUND",
      "GITHUB_NOT_FOUND",
    ],
  ])("%s", async (_, fault, code, reason) => {
    hub.faults = [fault];
    await expect(publish("one", hub.env("write"), 5_000)).rejects.toMatchObject({ code, reason });
    expect(bodies()).toEqual([]);
  });

  test("a wrong token, and one that may only read", async () => {
    await expect(
      publish("one", { ...hub.env("write"), GITHUB_TOKEN: "wrong-token" }),
    ).rejects.toMatchObject({
      code: "CREDENTIALS",
      reason: "GITHUB_TOKEN_REFUSED",
    });
    await expect(publish("one", hub.env("read"))).rejects.toMatchObject({
      code: "REFUSED",
      reason: "GITHUB_FORBIDDEN",
    });
    expect(bodies()).toEqual([]);
  });
});

describe("settings", () => {
  test.each([
    [{ GITHUB_API_URL: "http://github.example" }],
    [{ GITHUB_API_URL: "nonsense" }],
    [{ GITHUB_API_URL: "https://pat:secret@github.example" }],
    [{ GITHUB_REPOSITORY: "../../orgs" }],
    [{ GITHUB_REPOSITORY: "acme" }],
  ])("%j is refused before a token is sent", (patch) => {
    expect(() => openSticky({ ...hub.env("write"), ...patch })).toThrowError(
      expect.objectContaining({ code: "CONFIG_INVALID", reason: "GITHUB_SETTINGS_INVALID" }),
    );
  });
});
