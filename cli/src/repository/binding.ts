import { type Likeness, likeness, type Repository, samePart, withNewSigns } from "./repository.ts";

/** A repository's project: what it was told, or found, to work with. */
export interface Binding {
  /** Id of the project. */
  project: string;
  /** What the repository calls it: its name in ds.config.ts, or the inferred one. */
  name: string;
  /** Which API has it: `local`, or the cloud's host. */
  api: string;
  repository: Repository;
  /** ISO 8601 in UTC. */
  since: string;
}

/** A binding beside the checkout that meets it. */
export interface Met {
  binding: Binding;
  likeness: Likeness;
}

/** How the checkout stands to all that is bound to a project. */
export const bindingsOf = (bindings: readonly Binding[], project: string, now: Repository): Met[] =>
  bindings
    .filter((binding) => binding.project === project)
    .map((binding) => ({ binding, likeness: likeness(binding.repository, now) }));

/**
 * What this repository is bound to under a name, the newest first.
 *
 * @param part whether another folder of the repository has projects of its own: where the name is inferred
 */
export function ownBindings(
  bindings: readonly Binding[],
  now: Repository,
  { api, name, part }: { api?: string; name?: string; part: boolean },
): Met[] {
  return bindings
    .filter((binding) => api === undefined || binding.api === api)
    .filter((binding) => name === undefined || binding.name === name)
    .filter(({ repository }) => !part || samePart(repository, now))
    .map((binding) => ({ binding, likeness: likeness(binding.repository, now) }))
    .filter(({ likeness }) => likeness === "same" || likeness === "likely")
    .toReversed();
}

/**
 * With this one instead of what the repository called so before.
 *
 * @param part as for `ownBindings`
 */
export function withBinding(
  bindings: readonly Binding[],
  added: Binding,
  { part }: { part: boolean },
): Binding[] {
  const before = ownBindings(bindings, added.repository, { ...added, part });
  const replaced = new Set(before.map(({ binding }) => binding));
  return [...bindings.filter((binding) => !replaced.has(binding)), added];
}

/** The binding with the signs that the repository has got since; undefined where there are none. */
export function refreshed(binding: Binding, now: Repository): Binding | undefined {
  const repository = withNewSigns(binding.repository, now);
  const isNew =
    repository.remote !== binding.repository.remote ||
    repository.rootCommit !== binding.repository.rootCommit;
  return isNew ? { ...binding, repository } : undefined;
}

/**
 * The folder that the repository lay in before it was moved; undefined where it was not. A copy, or another product of
 * its template, has the same first commit: so the folder before has to be gone, it alone, and this one be new.
 */
export function movedFrom(
  bindings: readonly Binding[],
  now: Repository,
  isThere: (folder: string) => boolean,
): string | undefined {
  if (now.remote !== undefined || now.rootCommit === undefined) return undefined;
  const repositories = bindings.map(({ repository }) => repository);
  if (repositories.some(({ folder }) => folder === now.folder)) return undefined;
  const alike = repositories.filter(
    ({ remote, rootCommit }) => remote === undefined && rootCommit === now.rootCommit,
  );
  const [gone, ...others] = new Set(
    alike.map(({ folder }) => folder).filter((folder) => !isThere(folder)),
  );
  return others.length === 0 ? gone : undefined;
}

/** With all that is bound to a repository, in the folder that it lies in now. */
export const withMoved = (bindings: Binding[], from: string | undefined, to: string): Binding[] =>
  bindings.map((binding) =>
    binding.repository.folder === from
      ? { ...binding, repository: { ...binding.repository, folder: to } }
      : binding,
  );
