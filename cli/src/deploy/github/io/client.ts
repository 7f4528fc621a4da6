import { setTimeout as sleep } from "node:timers/promises";
import { DsError } from "../../../errors/ds-error.ts";
import { monotonicMs } from "../../../lib/async/monotonic.ts";
import { openTransport, type Transport } from "../../../neon/io/transport.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { type GitHubAnswer, limitedFor, messageOf, outcomeOf } from "../answer.ts";
import { type Comment, commentFrom, type PullRequest, pullRequestFrom } from "../pull-request.ts";
import { type GitHubSettings, githubSettings } from "./settings.ts";

/** One repository on GitHub, by its API. Failures have the reasons `GITHUB_*`. */
export interface GitHub {
  /** `owner/name` */
  repository: string;
  pullRequest(number: number): Promise<PullRequest>;
  /** Those that are to be merged into this branch, what was changed last first. */
  openPullRequests(base: string): Promise<PullRequest[]>;
  /** All, the oldest first. */
  comments(pullRequest: number): Promise<Comment[]>;
  /** The login of the token's owner. */
  viewer(): Promise<string>;
  /** Undefined where nobody knows whether it was made: look, before it is made again. */
  createComment(pullRequest: number, body: string): Promise<Comment | undefined>;
  /** False when it is gone. */
  updateComment(id: number, body: string): Promise<boolean>;
  /** What is gone already is no failure. */
  deleteComment(id: number): Promise<void>;
  close(): void;
}

/** The most that an answer has. */
const pageSize = 100;
/** Nobody has so many comments; an answer that is always full must not go on for good. */
const mostPages = 200;
const usualWaitMs = 300_000;
const answerMs = 30_000;
/** Of a request that failed by the server's or the way's fault. */
const mostTries = 5;
const noticeableMs = 2_000;

/** Undefined where the environment has no token, or names no repository. */
export function openGitHub(
  context: Pick<Runtime, "env" | "output" | "signal" | "version" | "waitMs">,
): GitHub | undefined {
  const settings = githubSettings(context.env);
  if (settings === undefined) return undefined;
  context.output.hide(settings.token);
  const transport = openTransport();
  const caller = new Caller(context, settings, transport);
  const { repository } = settings;
  const repo = `/repos/${repository}`;
  return {
    repository,
    pullRequest: async (number) => {
      const found = pullRequestFrom(await caller.ask("GET", `${repo}/pulls/${number}`));
      if (found !== undefined) return found;
      throw unexpected(`pull request ${number}`);
    },
    openPullRequests: async (base) => {
      const query = `state=open&sort=updated&direction=desc&base=${encodeURIComponent(base)}`;
      const listed = await caller.pages(`${repo}/pulls?${query}`);
      return listed.flatMap((each) => pullRequestFrom(each) ?? []);
    },
    comments: async (number) => {
      const listed = await caller.pages(`${repo}/issues/${number}/comments?`);
      const comments = listed.flatMap((each) => commentFrom(each) ?? []);
      return comments.sort((a, b) => a.id - b.id);
    },
    viewer: async () => {
      const answer = await caller.ask("POST", settings.graphql, { query: "query{viewer{login}}" });
      const { data } = (answer ?? {}) as { data?: { viewer?: { login?: unknown } } };
      const login = data?.viewer?.login;
      if (typeof login === "string" && login !== "") return login;
      throw unexpected("whose the token is");
    },
    createComment: async (number, body) => {
      const made = await caller.once("POST", `${repo}/issues/${number}/comments`, { body });
      return made === undefined ? undefined : commentFrom(made);
    },
    updateComment: async (id, body) =>
      (await caller.unlessMissing("PATCH", `${repo}/issues/comments/${id}`, { body })) !==
      "missing",
    deleteComment: async (id) => {
      await caller.unlessMissing("DELETE", `${repo}/issues/comments/${id}`);
    },
    close: () => transport.close(),
  };
}

const unexpected = (what: string) =>
  new DsError("UPSTREAM", `GitHub's answer to ${what} is not what it should be`, {
    reason: "GITHUB_FAILED",
  });

type Context = Pick<Runtime, "output" | "signal" | "version" | "waitMs">;

class Caller {
  readonly #context: Context;
  readonly #settings: GitHubSettings;
  readonly #transport: Transport;

  constructor(context: Context, settings: GitHubSettings, transport: Transport) {
    this.#context = context;
    this.#settings = settings;
    this.#transport = transport;
  }

  /** What may be repeated: what it answers, once it was carried out. */
  async ask(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await this.#persist(method, path, body, mostTries);
    if (answer !== undefined && outcomeOf(answer) === "done") return answer.body;
    throw failure(`${method} ${path}`, answer);
  }

  /** What must not be done twice: undefined where nobody knows whether it was. */
  async once(method: string, path: string, body: object): Promise<unknown> {
    const answer = await this.#persist(method, path, body, 1);
    if (answer === undefined || outcomeOf(answer) === "unclear") return undefined;
    if (outcomeOf(answer) === "done") return answer.body;
    throw failure(`${method} ${path}`, answer);
  }

  async unlessMissing(method: string, path: string, body?: object): Promise<"done" | "missing"> {
    const answer = await this.#persist(method, path, body, mostTries);
    const outcome = answer && outcomeOf(answer);
    if (outcome === "done" || outcome === "missing") return outcome;
    throw failure(`${method} ${path}`, answer);
  }

  /** @param path with a query, to which the page is added */
  async pages(path: string): Promise<unknown[]> {
    const all: unknown[] = [];
    for (let page = 1; page <= mostPages; page += 1) {
      const listed = await this.ask("GET", `${path}&per_page=${pageSize}&page=${page}`);
      if (!Array.isArray(listed)) throw unexpected(path);
      all.push(...listed);
      if (listed.length < pageSize) break;
    }
    return all;
  }

  /**
   * The last answer; undefined where there was none. Limits are waited for as long as `--wait` says, as nothing was done.
   *
   * @param tries of what failed by the server's or the way's fault
   */
  async #persist(
    method: string,
    path: string,
    body: object | undefined,
    tries: number,
  ): Promise<GitHubAnswer | undefined> {
    const { signal, output, waitMs = usualWaitMs } = this.#context;
    const began = monotonicMs();
    let failed = 0;
    for (;;) {
      const answer = await this.#send(method, path, body);
      const outcome = answer === undefined ? "unclear" : outcomeOf(answer);
      if (outcome === "unclear") failed += 1;
      const isOver = outcome === "unclear" ? failed >= tries : outcome !== "limited";
      if (isOver) return answer;
      const pause =
        outcome === "limited" && answer !== undefined
          ? limitedFor(answer, Date.now())
          : 250 * 2 ** failed * (0.5 + Math.random());
      if (monotonicMs() - began + pause > waitMs) return answer;
      if (pause >= noticeableMs) {
        output.note(`Waiting ${Math.ceil(pause / 1000)} s for GitHub, which limits requests`);
      }
      await sleep(pause, undefined, { signal });
    }
  }

  async #send(
    method: string,
    path: string,
    body: object | undefined,
  ): Promise<GitHubAnswer | undefined> {
    const { api, token } = this.#settings;
    const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const url = new URL(path.startsWith("/") ? `${api}${path}` : path);
    try {
      const answer = await this.#transport.send(url, {
        method,
        headers: {
          accept: "application/vnd.github+json",
          authorization: `Bearer ${token}`,
          "user-agent": `ds/${this.#context.version}`,
          "x-github-api-version": "2022-11-28",
          ...(content === undefined
            ? {}
            : { "content-type": "application/json", "content-length": content.length }),
        },
        ...(content === undefined ? {} : { body: content }),
        signal: this.#context.signal,
        timeoutMs: answerMs,
      });
      return {
        status: answer.status,
        headers: headersOf(answer.headers),
        body: json(answer.body),
      };
    } catch (error) {
      if (this.#context.signal.aborted) throw error;
      return undefined;
    }
  }
}

function headersOf(raw: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (let at = 0; at < raw.length; at += 2) {
    headers.set((raw[at] ?? "").toLowerCase(), raw[at + 1] ?? "");
  }
  return headers;
}

function json(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

function failure(what: string, answer: GitHubAnswer | undefined): DsError {
  if (answer === undefined) {
    return new DsError("UPSTREAM", `GitHub does not answer (${what})`, { reason: "GITHUB_FAILED" });
  }
  const said = `${answer.status}${messageOf(answer.body) && `: ${messageOf(answer.body)}`}`;
  const details = { status: answer.status };
  switch (outcomeOf(answer)) {
    case "token":
      return new DsError("CREDENTIALS", `GitHub does not accept GITHUB_TOKEN (${said})`, {
        reason: "GITHUB_TOKEN_REFUSED",
        details,
      });
    case "forbidden":
      return new DsError("REFUSED", `GITHUB_TOKEN may not do this (${what}, ${said})`, {
        reason: "GITHUB_FORBIDDEN",
        hint: "In a workflow: permissions: pull-requests: write",
        details,
      });
    case "missing":
      return new DsError("NOT_FOUND", `GitHub has nothing there, or hides it (${what}, ${said})`, {
        reason: "GITHUB_NOT_FOUND",
        details,
      });
    case "limited":
      return new DsError("UPSTREAM", `GitHub limits requests for longer than --wait (${said})`, {
        reason: "GITHUB_RATE_LIMITED",
        details,
      });
    default:
      return new DsError("UPSTREAM", `GitHub refused a request (${what}, ${said})`, {
        reason: "GITHUB_FAILED",
        details,
      });
  }
}
