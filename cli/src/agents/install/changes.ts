import type { AgentFile } from "./files.ts";
import { type EntryState, type JsonEntry, withEntry, withoutEntry } from "./json-entry.ts";
import { withoutSection, withSection } from "./section.ts";

/** What becomes of one file. */
export interface Change {
  path: string;
  /** Where that leads. */
  file: string;
  state: "changed" | "removed" | "same" | "left";
  /** Undefined: it goes. */
  text: string | undefined;
  /** What is new in it, for a person. */
  added?: string;
  /** Why it stays as it is. */
  why?: string;
}

type Outcome = Omit<Change, "path" | "file">;

const same = (text: string | undefined, why: string): Outcome => ({ state: "same", text, why });
const left = (text: string | undefined, why: string): Outcome => ({ state: "left", text, why });

const reasons: Partial<Record<EntryState, string>> = {
  taken: "has another entry of that name, which stays",
  unreadable: "cannot be read as JSON, and stays",
};

export function installed(file: AgentFile, text: string | undefined): Outcome {
  switch (file.kind) {
    case "section": {
      const others = text === undefined ? undefined : withoutOwn(text, file);
      if (others !== undefined && file.refuseIf?.test(others)) {
        return left(text, reasons.taken ?? "");
      }
      const next = withSection(text, file.body, file.comments);
      return next === text
        ? same(text, "is as it should be")
        : { state: "changed", text: next, added: file.body };
    }
    case "entries":
      return withEntries(file.entries, text);
    case "whole":
      if (text === file.text) return same(text, "is as it should be");
      if (text !== undefined) return left(text, "is there with another content, and stays");
      return { state: "changed", text: file.text, added: file.text };
  }
}

export function uninstalled(file: AgentFile, text: string | undefined): Outcome {
  if (text === undefined) return same(text, "is not there");
  switch (file.kind) {
    case "section": {
      const without = withoutSection(text, file.comments);
      return without === "none" ? same(text, "has nothing of ds's") : gone(without.text);
    }
    case "entries":
      return withoutEntries(file.entries, text);
    case "whole":
      return text === file.text ? gone(undefined) : left(text, "was edited since, and stays");
  }
}

function withEntries(entries: readonly JsonEntry[], text: string | undefined): Outcome {
  let next = text;
  const added: Record<string, Record<string, unknown>> = {};
  let why: string | undefined;
  for (const entry of entries) {
    const put = withEntry(next, entry);
    if (put.state === "added") {
      next = put.text;
      added[entry.parent] = { ...added[entry.parent], [entry.key]: entry.value };
    } else why ??= reasons[put.state];
  }
  if (next !== text) {
    return { state: "changed", text: next, added: JSON.stringify(added, null, 2) };
  }
  return why === undefined ? same(text, "is as it should be") : left(text, why);
}

/** What was put in last goes first. */
function withoutEntries(entries: readonly JsonEntry[], text: string): Outcome {
  let next: string | undefined = text;
  let isLeft = false;
  for (const entry of entries.toReversed()) {
    if (next === undefined) break;
    const without = withoutEntry(next, entry);
    if (typeof without === "object") next = without.text;
    else isLeft ||= without === "left";
  }
  if (next !== text) return gone(next);
  return isLeft
    ? left(text, "has an entry that was edited since, and stays")
    : same(text, "has nothing of ds's");
}

const gone = (text: string | undefined): Outcome =>
  text === undefined
    ? { state: "removed", text, why: "is removed" }
    : { state: "changed", text, why: "is as it was before" };

function withoutOwn(text: string, file: Extract<AgentFile, { kind: "section" }>): string {
  const without = withoutSection(text, file.comments);
  return without === "none" ? text : (without.text ?? "");
}

export interface ChangesDocument extends Record<string, unknown> {
  dryRun: boolean;
  files: { path: string; state: Change["state"]; why: string | null }[];
}

export const changesDocument = (changes: readonly Change[], dryRun: boolean): ChangesDocument => ({
  dryRun,
  files: changes.map(({ path, state, why }) => ({ path, state, why: why ?? null })),
});

export function changesText(changes: readonly Change[], dryRun: boolean): string {
  const done = changes.filter(({ state }) => state === "changed" || state === "removed");
  if (done.length === 0) return "Nothing to do.";
  const list = done.map(({ path }) => path).join(", ");
  return dryRun ? `Would change ${list}.` : `Changed ${list}.`;
}
