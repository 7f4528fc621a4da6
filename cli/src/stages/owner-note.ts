import { developerOfStage, slugShape, stageOfBranch } from "./stage.ts";

/**
 * Who made a branch, and for which checkout: what `ds setup` and `ds db create` write on it, as the API's annotation. The
 * API takes it at creation alone. A cloud stage's branch has a stamp instead (deploy/stamp.ts).
 */
export interface OwnerNote {
  owner: string;
  /** Those of `create`, `mcp` and `agent` say more (branches/made-by.ts). */
  madeBy: (typeof makers)[number];
  /** Git's name of the linked worktree. */
  worktree?: string | undefined;
  /** Digest of the machine that has it. */
  machine?: string | undefined;
  /** The git branch that it follows. */
  gitBranch?: string | undefined;
}

const makers = ["setup", "checkout", "create", "mcp", "agent"] as const;

const isMaker = (text: string | undefined): text is OwnerNote["madeBy"] =>
  makers.some((maker) => maker === text);

const keys = {
  owner: "ds-owner",
  madeBy: "ds-made-by",
  worktree: "ds-worktree",
  machine: "ds-machine",
  gitBranch: "ds-git-branch",
} as const satisfies Record<keyof OwnerNote, string>;

/** The note as the API keeps it: text by key. */
export const ownerAnnotation = (note: OwnerNote): Record<string, string> =>
  Object.fromEntries(
    Object.entries(keys).flatMap(([field, key]) => {
      const value = note[field as keyof OwnerNote];
      return value === undefined ? [] : [[key, value]];
    }),
  );

/** Whoever may use the API can write one: what does not read like ours is none. */
export function ownerNoteOf(annotation: Readonly<Record<string, string>>): OwnerNote | undefined {
  const owner = annotation[keys.owner];
  const madeBy = annotation[keys.madeBy];
  if (owner === undefined || !slugShape.test(owner)) return undefined;
  if (!isMaker(madeBy)) return undefined;
  const text = (key: string) => {
    const value = annotation[key];
    return value === undefined || value === "" || /\p{Cc}/u.test(value) ? undefined : value;
  };
  return {
    owner,
    madeBy,
    worktree: text(keys.worktree),
    machine: text(keys.machine),
    gitBranch: text(keys.gitBranch),
  };
}

/** The developer whom a branch's note or stamp names, else whom its name tells. */
export function ownerOfBranch(branch: {
  name: string;
  annotation: Readonly<Record<string, string>>;
}): string | undefined {
  const written = branch.annotation[keys.owner];
  if (written !== undefined && slugShape.test(written)) return written;
  const stage = stageOfBranch(branch.name);
  return stage === undefined ? undefined : developerOfStage(stage);
}
