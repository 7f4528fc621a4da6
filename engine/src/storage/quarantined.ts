import type { Identity } from "../model/identity.ts";

/** What is noted of data when it is set aside. */
export interface SetAside {
  at: string;
  why: string;
}

/** Data that was set aside, as it is shown. */
export interface Quarantined {
  name: string;
  path: string;
  at: string;
  /** When the engine removes it. */
  until: string;
  why: string;
  /** Whose data it was, where it tells. */
  was?: string;
}

const keptMs = 30 * 24 * 60 * 60 * 1000;

export function describeQuarantined(
  name: string,
  path: string,
  { at, why }: SetAside,
  identity: Identity | undefined,
): Quarantined {
  const until = new Date(Date.parse(at) + keptMs).toISOString();
  const was = identity && ownerOf(identity);
  return { name, path, at, until, why, ...(was ? { was } : {}) };
}

export const isOver = ({ until }: Quarantined, now: number): boolean => Date.parse(until) <= now;

function ownerOf(identity: Identity): string {
  const { name } = identity.project;
  return "branch" in identity
    ? `branch ${identity.branch.branch.name} of ${name}`
    : `snapshot ${identity.snapshot.name} of ${name}`;
}
