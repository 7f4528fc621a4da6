import type { AddedExtension, ExtensionOrigin } from "../extensions/added.ts";

/** A running branch whose Postgres was started before extensions were added or removed. */
export interface WaitingBranch {
  projectId: string;
  branchId: string;
  name: string;
}

/** What `ds engine extension list` shows. */
export interface ExtensionList {
  /** Major version of the engine's Postgres. */
  major: number;
  extensions: AddedExtension[];
  /** Names of those that Postgres has by itself. */
  builtIn: string[];
  /** Names of those whose files, or whose description, are damaged: Postgres does not find them. */
  damaged: string[];
  waiting: WaitingBranch[];
}

/** What came of `ds engine extension add`. */
export type ExtensionAddition =
  | {
      status: "added" | "replaced" | "present";
      extension: AddedExtension;
      waiting: WaitingBranch[];
    }
  /** Postgres has one of that name by itself: nothing was added. */
  | { status: "built-in"; version: string };

export interface ExtensionRemoval {
  extension: AddedExtension;
  /** How many snapshots there are, which nobody looked into. */
  snapshots: number;
}

export interface ExtensionTransitions {
  list(): Promise<ExtensionList>;
  /** @param from absolute path of a folder or an archive */
  add(name: string, from: string, origin: ExtensionOrigin): Promise<ExtensionAddition>;
  /** Looks into every database of every branch, which wakes them; refuses with 409 while one has it. */
  remove(name: string): Promise<ExtensionRemoval>;
  /** Stops the waiting branches, or one of them; their next connection starts them again. */
  restart(branchId?: string): Promise<WaitingBranch[]>;
}
