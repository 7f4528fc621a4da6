import type { ProjectConfig } from "../../config/project-config.ts";
import type { Neon } from "../../neon/io/client.ts";
import type { Project } from "../../neon/model.ts";
import { isLocalHost } from "../../postgres/connection-url.ts";
import {
  type Binding,
  bindingsOf,
  type Met,
  movedFrom,
  ownBindings,
  refreshed,
  withBinding,
  withMoved,
} from "../../repository/binding.ts";
import { readBindings } from "../../repository/io/bindings.ts";
import { findRepository } from "../../repository/io/find-repository.ts";
import { isRepositoryThere } from "../../repository/io/is-repository-there.ts";
import { describeRepository, samePart, signOf } from "../../repository/repository.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { type BoundProject, notBound, type Unbound } from "../project-binding.ts";
import { isUnfinished } from "../unfinished-project.ts";

type Place = Pick<Runtime, "env" | "home" | "signal">;

/** This checkout's repository, and which projects it may work with. */
export interface Bonds {
  /** What the repository is bound to under a name, if the API still has it. */
  own(name: string): Promise<BoundProject | undefined>;
  /** A project that has the name; bound silently where nobody else can have used it. */
  meet(project: Project, name: string): Promise<BoundProject | Unbound>;
  /** Binds without a question. */
  bind(project: Project, name: string): Promise<BoundProject>;
  /** Why it is not this repository's, if it is known to be another's. */
  boundElsewhere(project: Project): Unbound | undefined;
  /** A name for a project of its own. */
  otherName(name: string): string;
}

export interface BondSubject {
  neon: Neon;
  config: ProjectConfig;
  /** The project's name is not given: then it is a folder's of the repository, and not all of the repository's. */
  isInferred: boolean;
}

export async function openBonds(place: Place, subject: BondSubject): Promise<Bonds> {
  const { neon, config, isInferred: part } = subject;
  const now = await findRepository(place, config.root);
  let known = readBindings(place.home);
  const { hostname, host } = new URL(neon.url);
  const api = isLocalHost(hostname) || /^127(\.\d+){3}$/.test(hostname) ? "local" : host;

  const change = async (how: (bindings: Binding[]) => Binding[]) => {
    const { changeBindings } = await import("../../repository/io/change-bindings.ts");
    known = await changeBindings(place, how);
  };
  if (movedFrom(known, now, isRepositoryThere) !== undefined) {
    await change((all) => withMoved(all, movedFrom(all, now, isRepositoryThere), now.folder));
  }
  const bound = (project: Project, { repository, since }: Binding): BoundProject => ({
    ...project,
    binding: { by: signOf(repository), repository: describeRepository(repository), since },
  });
  /** What the repository lacked before, such as a remote, counts from now on. */
  const withSigns = async (binding: Binding) => {
    const added = refreshed(binding, now);
    if (added === undefined) return binding;
    await change((all) =>
      all.map((each) => (JSON.stringify(each) === JSON.stringify(binding) ? added : each)),
    );
    return added;
  };
  const evidence = async (project: Project) => {
    const { projectEvidence } = await import("./project-evidence.ts");
    return await projectEvidence(place, { ...subject, now }, project);
  };
  /** Its repository got its first sign since: only the env file shows that it is the same. */
  const isProven = async ({ likeness }: Met, project: Project) =>
    likeness === "same" || (await evidence(project)).here;
  const elsewhere = (met: readonly Met[]): Unbound | undefined => {
    const [first] = met;
    if (first === undefined) return undefined;
    const otherPart = met.find(({ likeness }) => likeness === "same");
    if (otherPart) return { why: "other-part", part: otherPart.binding.repository.part };
    const changed = met.find(({ likeness }) => likeness !== "other");
    if (changed) {
      const [before, after] = [changed.binding.repository, now].map(signText) as [string, string];
      return { why: "changed", before, now: after };
    }
    const repositories = met.map(({ binding }) => describeRepository(binding.repository));
    return { why: "other", repositories: [...new Set(repositories)] };
  };
  const isOwn = (met: Met) =>
    met.likeness === "same" && (!part || samePart(met.binding.repository, now));
  const add = async (project: Project, name: string, mayBeBound: boolean) => {
    const { id } = project;
    const since = new Date().toISOString();
    const added: Binding = { project: id, name, api, repository: now, since };
    await change((all) => {
      // Somebody else may have been faster since it was looked at.
      const others = elsewhere(bindingsOf(all, id, now));
      if (others !== undefined && !mayBeBound && !bindingsOf(all, id, now).some(isOwn)) {
        throw notBound(project, others, { isInferred: part, ownName: otherName(name) });
      }
      return withBinding(all, added, { part });
    });
    return bound(project, added);
  };
  const otherName = (name: string) =>
    [name, now.part === "" ? "2" : now.part.replace(/[^a-z0-9]+/gi, "-").toLowerCase()].join("-");
  return {
    own: async (name) => {
      for (const met of ownBindings(known, now, { api, name, part })) {
        const { binding } = met;
        const project = await neon.getProject(binding.project);
        if (project === undefined || isUnfinished(project)) continue;
        if (await isProven(met, project)) return bound(project, await withSigns(binding));
      }
      return undefined;
    },
    meet: async (project, name) => {
      const met = bindingsOf(known, project.id, now);
      for (const each of met) {
        if (isOwn(each)) return await add(project, name, true);
        if (each.likeness === "likely" && (await isProven(each, project))) {
          return await add(project, name, true);
        }
      }
      const others = elsewhere(met);
      if (others !== undefined) return others;
      const { unbound } = await evidence(project);
      return unbound ?? (await add(project, name, false));
    },
    bind: (project, name) => add(project, name, true),
    boundElsewhere: (project) => {
      const met = bindingsOf(known, project.id, now);
      return met.some(isOwn) ? undefined : elsewhere(met);
    },
    otherName,
  };
}

/** What is different where the folder is the same. */
const signText = (repository: Parameters<typeof describeRepository>[0]) =>
  repository.remote === undefined && repository.rootCommit !== undefined
    ? `the repository that begins with commit ${repository.rootCommit.slice(0, 12)}`
    : repository.remote === undefined
      ? "a folder without a commit or remote"
      : describeRepository(repository);
