import { cutToWidth } from "../../lib/terminal/width.ts";
import type { Stack } from "./stack.ts";

// What Pulumi's command prints and keeps, read as far as it matters here.

/** An entry of `pulumi stack ls --json`. */
export interface ListedStack {
  name: string;
  lastUpdate?: string;
  updateInProgress?: boolean;
  resourceCount?: number;
  url?: string;
}

/** Project and name of `organization/project/stack`; backends of old have the name alone. */
function splitStackName(fullName: string): { project: string | undefined; name: string } {
  const parts = fullName.split("/");
  return { name: parts.at(-1) ?? "", project: parts.at(-2) };
}

export function toStack(listed: ListedStack): Stack {
  const { resourceCount: count } = listed;
  return {
    name: splitStackName(listed.name).name,
    fullName: listed.name,
    // The root stack is an entry of its own.
    resourceCount: count === undefined ? undefined : Math.max(0, count - 1),
    lastUpdate: listed.lastUpdate,
    busy: listed.updateInProgress,
    url: listed.url,
  };
}

/** The lines under "Resources:" of an update or a preview: `+ 2 to create`, `3 unchanged`. */
export function resourceSummary(text: string): string[] {
  const lines = text.split("\n");
  const start = lines.findLastIndex((line) => line.trim() === "Resources:");
  if (start < 0) return [];
  const rest = lines.slice(start + 1).map((line) => line.trim());
  const end = rest.indexOf("");
  return (end < 0 ? rest : rest.slice(0, end)).filter((line) => /\d/.test(line));
}

/** A line of its progress, short enough to stand behind a step's title on one line of a terminal. */
export function progressLine(line: string): string {
  return cutToWidth(line.trim().replace(/\s+/g, " "), 40);
}

export const changesSomething = (summary: readonly string[]): boolean =>
  summary.some((line) => !/^\d+ unchanged$/.test(line) && !/^\d+ changes?\./.test(line));

/** What went wrong, out of all that the command said: its diagnostics, else its last lines. */
export function pulumiComplaint(text: string): string {
  const lines = text.split("\n").map((line) => line.trimEnd());
  const errors = lines.filter((line) => /^\s*error:/.test(line)).map((line) => line.trim());
  const told = errors.filter((line) => !/^error: (update|preview|destroy) failed$/.test(line));
  const picked = told.length > 0 ? told : errors.length > 0 ? errors : lines.slice(-3);
  const unique = [...new Set(picked.map((line) => line.trim()))].filter((line) => line !== "");
  return unique.join("\n") || "it said nothing";
}

/** Where the backend is, without anything that opens it. */
export function shownBackend(url: string): string {
  return url.replace(/^([a-z0-9+.-]+:\/\/)[^/@]*@/i, "$1").replace(/\?.*$/, "");
}

/** A lock that Pulumi leaves beside the state, in backends that are plain storage. */
export interface StackLock {
  pid: number;
  username: string;
  hostname: string;
  /** ISO 8601. */
  timestamp: string;
}

/** Folder of a `file://` backend; undefined for every other kind. */
export function fileBackendPath(
  url: string,
  folders: { home: string | undefined; cwd: string },
): string | undefined {
  const path = /^file:\/\/([^?]*)/.exec(url)?.[1];
  if (path === undefined) return undefined;
  const decoded = decodeURIComponent(path);
  if (decoded === "~" || decoded.startsWith("~/"))
    return `${folders.home ?? ""}${decoded.slice(1)}`;
  return decoded.startsWith("/") ? decoded : `${folders.cwd}/${decoded}`;
}
