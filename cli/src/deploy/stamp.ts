import { isPersonalStageName } from "../stages/stage.ts";

/**
 * What `ds deploy up` writes on the branch when it makes it, as the API's annotation. The API takes it at
 * creation alone, so it holds only what stays true for the branch's whole life.
 */
export interface StageStamp {
  stage: string;
  owner: string;
  /** Git branch or, of a pull request, its head. */
  gitBranch: string | undefined;
  /** Number of the pull request. */
  pullRequest: number | undefined;
  /** Full name of the stack, and the backend that holds it (`file://...`, `s3://...`, `https://...`). */
  stack: string | undefined;
  stackBackend: string | undefined;
  secret: string | undefined;
}

const keys = {
  stage: "ds-stage",
  owner: "ds-owner",
  gitBranch: "ds-git-branch",
  pullRequest: "ds-pull-request",
  stack: "ds-stack",
  stackBackend: "ds-stack-backend",
  secret: "ds-secret",
} as const satisfies Record<keyof StageStamp, string>;

/** The stamp as the API keeps it: text by key. */
export function toAnnotation(stamp: StageStamp): Record<string, string> {
  const entries = Object.entries(keys).flatMap(([field, key]) => {
    const value = stamp[field as keyof StageStamp];
    return value === undefined ? [] : [[key, String(value)]];
  });
  return Object.fromEntries(entries);
}

/**
 * The stamp of a branch; undefined when `ds deploy up` did not make it. Whoever may use the API can write one, and the
 * stage's name becomes the name of a lock and of a file here: any other than `ds` would give is none.
 */
export function stampOf(annotation: Readonly<Record<string, string>>): StageStamp | undefined {
  const { [keys.stage]: stage, [keys.owner]: owner } = annotation;
  if (!stage || !owner || !isPersonalStageName(stage)) return undefined;
  const number = Number(annotation[keys.pullRequest]);
  return {
    stage,
    owner,
    gitBranch: annotation[keys.gitBranch],
    pullRequest: Number.isInteger(number) && number > 0 ? number : undefined,
    stack: annotation[keys.stack],
    stackBackend: annotation[keys.stackBackend],
    secret: annotation[keys.secret],
  };
}
