import { isAbsolute, join, relative } from "node:path";
/** A path as a person would write it from where they are. */
export function shownPath(path: string, cwd: string): string {
  const shorter = relative(cwd, path);
  if (shorter === "") return ".";
  return shorter.startsWith(join("..", "..", "..")) || isAbsolute(shorter) ? path : shorter;
}
