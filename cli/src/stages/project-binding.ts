import { DsError } from "../errors/ds-error.ts";
import type { ErrorReason } from "../errors/error-reason.ts";
import type { Project } from "../neon/model.ts";
import type { RepositorySign } from "../repository/repository.ts";

/** Why a checkout works with a project. */
export interface ProjectBinding {
  /** The sign by which its repository is known; or the project's id, which somebody gave. */
  by: RepositorySign | "config-id" | "environment-id";
  /** The repository, for people; null where an id decides. */
  repository: string | null;
  since: string | null;
}

/** A project that the checkout is bound to. */
export interface BoundProject extends Project {
  binding: ProjectBinding;
}

/** Why a project of the name is not this checkout's. */
export type Unbound =
  /** It is bound to others. */
  | { why: "other"; repositories: string[] }
  /** It is bound to another folder of this repository. */
  | { why: "other-part"; part: string }
  /** It is bound to what lay here before, under another remote or first commit. */
  | { why: "changed"; before: string; now: string }
  /** Nobody is bound to it, and several repositories' env files lead to it. */
  | { why: "shared"; folders: string[] }
  /** Nobody is bound to it, and nothing shows that this repository ever worked with it. */
  | { why: "unproven" };

const reasons: Record<Unbound["why"], ErrorReason> = {
  other: "PROJECT_OF_OTHER_REPOSITORY",
  "other-part": "PROJECT_OF_OTHER_REPOSITORY",
  changed: "REPOSITORY_CHANGED",
  shared: "PROJECT_SHARED",
  unproven: "PROJECT_NOT_BOUND",
};

/** Nothing is touched of a project that may be somebody else's; both ways on are said. */
export function notBound(
  { id, name }: Project,
  unbound: Unbound,
  { isInferred, ownName }: { isInferred: boolean; ownName: string },
): DsError {
  const rename = isInferred
    ? `write a ds.config.ts with another name: ds init --project ${ownName}`
    : "change its name in ds.config.ts";
  return new DsError(
    "REFUSED",
    `the project ${name} (${id}) ${sentence(unbound)}. Nothing was changed.`,
    {
      reason: reasons[unbound.why],
      hint: `To work with this project from here, run: ds setup --project ${id}. For a project of your own, ${rename}`,
      details: { project: { id, name }, unbound },
    },
  );
}

function sentence(unbound: Unbound): string {
  switch (unbound.why) {
    case "other":
      return `belongs to another repository (${unbound.repositories.join(", ")})`;
    case "other-part":
      return `belongs to another folder of this repository (${unbound.part || "its top"})`;
    case "changed":
      return `belongs to ${unbound.before}, and the repository in this folder is now ${unbound.now}`;
    case "shared":
      return `is used by several repositories (${unbound.folders.join(", ")}), and ds cannot tell whose it is`;
    case "unproven":
      return "exists already, and nothing shows that it is this repository's";
  }
}

/** For people: `github.com/acme/shop, by its remote`. */
export function describeBinding({ by, repository }: ProjectBinding): string {
  switch (by) {
    case "remote":
      return `bound to ${repository}`;
    case "root-commit":
      return `bound to the repository ${repository}`;
    case "folder":
      return `bound to the folder ${repository}`;
    case "config-id":
      return "named by its id in ds.config.ts";
    case "environment-id":
      return "named by NEON_PROJECT_ID";
  }
}
