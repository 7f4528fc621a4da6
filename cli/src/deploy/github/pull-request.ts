/** A pull request as far as it matters here. */
export interface PullRequest {
  number: number;
  state: "open" | "closed";
  head: {
    ref: string;
    sha: string;
    /** Null where a fork was deleted. */
    repository: string | null;
  };
  base: { ref: string; repository: string };
}

/** Its code comes from another repository, whose owner may be anybody. */
export const isFork = ({ head, base }: Pick<PullRequest, "head" | "base">): boolean =>
  head.repository?.toLowerCase() !== base.repository.toLowerCase();

/** Of the API's, or of an event's; undefined for anything else. */
export function pullRequestFrom(value: unknown): PullRequest | undefined {
  const { number, state, head, base } = (value ?? {}) as Record<string, unknown>;
  const [from, to] = [sideOf(head), sideOf(base)];
  if (!isNumber(number) || from === undefined || !to?.repository) {
    return undefined;
  }
  return {
    number,
    state: state === "closed" ? "closed" : "open",
    head: from,
    base: { ref: to.ref, repository: to.repository },
  };
}

const isNumber = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) > 0;

function sideOf(value: unknown): PullRequest["head"] | undefined {
  const { ref, sha, repo } = (value ?? {}) as Record<string, unknown>;
  const { full_name: name } = (repo ?? {}) as Record<string, unknown>;
  if (typeof ref !== "string" || typeof sha !== "string" || !/^[0-9a-f]{40,64}$/.test(sha)) {
    return undefined;
  }
  return { ref, sha, repository: typeof name === "string" ? name : null };
}

/** A comment of a pull request; GitHub keeps them as those of an issue. */
export interface Comment {
  id: number;
  url: string;
  body: string;
  /** Login of its author; that of an app ends with `[bot]`. */
  author: string;
}

export function commentFrom(value: unknown): Comment | undefined {
  const { id, html_url: url, body, user } = (value ?? {}) as Record<string, unknown>;
  const { login } = (user ?? {}) as Record<string, unknown>;
  if (!isNumber(id)) return undefined;
  return {
    id,
    url: typeof url === "string" ? url : "",
    body: typeof body === "string" ? body : "",
    author: typeof login === "string" ? login : "",
  };
}
