import { createHash } from "node:crypto";

/** Enough of the other branch's name to know it by, within what every client can show. */
const longestParent = 60;

/** Where and by whom an ephemeral branch was made. */
export interface Maker {
  machine: string;
  pid: number;
}

/**
 * `rehearsal-of-main-1a2b3c-4711-9f3e`: the purpose, the branch it is a copy of, the machine's digest,
 * the process, and a random part.
 */
export function ephemeralName(
  purpose: EphemeralPurpose,
  parent: string,
  maker: Maker,
  random: string,
): string {
  const of = parent.length > longestParent ? parent.slice(0, longestParent) : parent;
  return `${purpose}-of-${of}-${digest(maker.machine)}-${maker.pid}-${random}`;
}

const purposes = [
  "rehearsal",
  "conflict-check",
  "rebase-check",
  "schema-check",
  "refresh",
  "refresh-source",
  "snapshot",
  "past",
] as const;

export type EphemeralPurpose = (typeof purposes)[number];

const shape = new RegExp(
  `^(?:${purposes.join("|")})-of-(?<branch>.+)-(?<machine>[0-9a-f]{6})-(?<pid>\\d+)-[0-9a-f]{4}$`,
);

/** Where the name of an ephemeral branch says that it comes from; undefined for any other name. */
export function parseEphemeralName(
  name: string,
): { branch: string; machine: string; pid: number } | undefined {
  const { branch, machine, pid } = shape.exec(name)?.groups ?? {};
  return branch && machine && pid ? { branch, machine, pid: Number(pid) } : undefined;
}

/** Whether a killed run of this machine has left the branch behind; those of other machines expire. */
export function isLeftover(
  name: string,
  machine: string,
  isRunning: (pid: number) => boolean,
): boolean {
  const made = parseEphemeralName(name);
  return made?.machine === digest(machine) && !isRunning(made.pid);
}

/** Whether the branch is where somebody, anywhere, is building a new main. */
export const isRefreshing = (name: string): boolean =>
  name.startsWith("refresh-of-") && parseEphemeralName(name) !== undefined;

const digest = (machine: string) => createHash("sha256").update(machine).digest("hex").slice(0, 6);
