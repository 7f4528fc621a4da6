import { join } from "node:path";

/** Which repository a checkout is of, by signs that clones and worktrees of it share. */
export interface Repository {
  /** The remote's address without scheme, user and `.git`; `file:<folder>` for a repository of this machine. */
  remote: string | undefined;
  /** The first commit of the line that is checked out; unknown where there is none yet, or the clone is shallow. */
  rootCommit: string | undefined;
  /** Where git keeps it (worktrees share that), else the checkout's own folder: a real path. */
  folder: string;
  /** Where in the checkout the configuration lies: "packages/db", "" at its top. */
  part: string;
}

/**
 * - `same`: it is that repository.
 * - `likely`: it lies where that one lay, which had no sign of its own yet (no git, or no commit).
 * - `changed`: it lies where that one lay, but with other signs: a renamed remote, or another repository.
 * - `other`: it is another one.
 */
export type Likeness = "same" | "likely" | "changed" | "other";

/** Compares a checkout with a repository that is remembered. */
export function likeness(known: Repository, now: Repository): Likeness {
  if (leadsTo(known, now) || leadsTo(now, known)) return "same";
  if (known.remote !== undefined && known.remote === now.remote) return "same";
  // Two products that were begun from one template share its first commit: it shows that a folder still has what it
  // had, and nothing of another folder.
  if (!samePlace(known, now)) return "other";
  if (known.remote !== undefined && now.remote !== undefined) return "changed";
  if (known.rootCommit !== undefined && known.rootCommit === now.rootCommit) return "same";
  if (!hasSigns(known)) return hasSigns(now) ? "likely" : "same";
  return "changed";
}

/** What is known of a repository when it is met again: what it lacked before is added. */
export function withNewSigns(known: Repository, now: Repository): Repository {
  if (!samePlace(known, now)) return known;
  return {
    ...now,
    remote: now.remote ?? known.remote,
    rootCommit: now.rootCommit ?? known.rootCommit,
  };
}

/** Whether both are the same folder of the checkout. */
export const samePart = (known: Repository, now: Repository): boolean =>
  known.part === now.part || place(known) === place(now);

/** For people. */
export const describeRepository = ({ remote, folder }: Repository): string =>
  remote?.replace(/^file:/, "") ?? folder;

export type RepositorySign = "remote" | "root-commit" | "folder";

/** By what it is told from others. */
export const signOf = ({ remote, rootCommit }: Repository): RepositorySign =>
  remote !== undefined ? "remote" : rootCommit !== undefined ? "root-commit" : "folder";

const place = ({ folder, part }: Repository) => join(folder, part);

const samePlace = (one: Repository, other: Repository) =>
  one.folder === other.folder || place(one) === place(other);

const leadsTo = ({ remote }: Repository, { folder }: Repository) => remote === `file:${folder}`;

const hasSigns = ({ remote, rootCommit }: Repository) =>
  remote !== undefined || rootCommit !== undefined;
