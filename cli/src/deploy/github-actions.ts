/** What a run of GitHub Actions says about the pull request it is for. */
export interface ActionsRun {
  /** Undefined where it is not certain. */
  pullRequest: number | undefined;
  /** Why it is not. */
  doubt: string;
  /** The pull request's own branch; undefined for that of a fork, where the name means another branch. */
  headBranch: string | undefined;
}

export interface ActionsInputs {
  /** GITHUB_EVENT_NAME */
  event: string;
  /** GITHUB_REF */
  ref: string;
  /** What GITHUB_EVENT_PATH holds; undefined where it cannot be read. */
  payload: unknown;
}

interface Payload {
  number?: unknown;
  pull_request?: {
    number?: unknown;
    head?: { ref?: unknown; repo?: { full_name?: unknown } | null };
    base?: { repo?: { full_name?: unknown } };
  };
  issue?: { number?: unknown; pull_request?: unknown };
  workflow_run?: { pull_requests?: { number?: unknown }[] };
}

/**
 * The payload's number, else that of `refs/pull/N/…`. The ref alone names nothing else: in the event of a merge it is
 * the base branch. Two sources that disagree are none.
 */
export function actionsRun({ event, ref, payload }: ActionsInputs): ActionsRun {
  const told = typeof payload === "object" && payload !== null ? (payload as Payload) : {};
  const candidates = [
    told.pull_request?.number,
    told.pull_request ? told.number : undefined,
    told.issue?.pull_request ? told.issue.number : undefined,
    ...(told.workflow_run?.pull_requests?.map(({ number }) => number) ?? []),
    /^refs\/pull\/(\d+)\//.exec(ref)?.[1],
  ];
  const numbers = new Set(candidates.filter((one) => one !== undefined).map(Number));
  const [number] = numbers;
  const certain = numbers.size === 1 && Number.isSafeInteger(number) && (number ?? 0) > 0;
  const { head, base } = told.pull_request ?? {};
  const ownBranch =
    head?.repo?.full_name !== undefined && head.repo.full_name === base?.repo?.full_name;
  return {
    pullRequest: certain ? number : undefined,
    doubt:
      numbers.size > 1
        ? `it speaks of the pull requests ${[...numbers].join(" and ")}`
        : `the event ${event || "of no name"} on ${ref || "no ref"} names none`,
    headBranch: certain && ownBranch && typeof head?.ref === "string" ? head.ref : undefined,
  };
}

/** What a job is told of a command of its. */
export interface ActionsReport {
  /** For later steps of the job. Never a connection string. */
  outputs: Record<string, string | undefined>;
  title: string;
  rows: [string, string | undefined][];
}

/** Lines of $GITHUB_OUTPUT. A value with a line break in it could add outputs of its own. */
export function outputLines(values: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(values)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([key, value]) => `${key}=${value.replace(/[\r\n]+/g, " ")}\n`)
    .join("");
}

/** A table for $GITHUB_STEP_SUMMARY. */
export function summaryTable(
  title: string,
  rows: readonly (readonly [string, string | undefined])[],
): string {
  const cell = (text: string) => text.replace(/[\r\n]+/g, " ").replace(/[\\|`<>]/g, "\\$&");
  const lines = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`| ${cell(name)} | ${cell(value)} |`],
  );
  return `### ${cell(title)}\n\n| | |\n|---|---|\n${lines.join("\n")}\n\n`;
}

/** An address that anybody may see: a web page's, without a login in it. */
export function publicUrl(value: unknown): string | undefined {
  if (typeof value !== "string" || !URL.canParse(value)) return undefined;
  const { protocol, username, password } = new URL(value);
  return /^https?:$/.test(protocol) && username === "" && password === "" ? value : undefined;
}
