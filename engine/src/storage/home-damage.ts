/** Something of a home that is missing or wrong, so that the engine does not start on it. */
export interface Damage {
  kind:
    | "unreadable"
    | "malformed"
    | "other-version"
    | "misplaced"
    | "missing-record"
    | "missing-parent"
    | "missing-data"
    | "missing-version"
    | "shared-data"
    | "exchanged-data"
    | "no-default"
    | "missing-secret"
    | "no-folder";
  /** Of the file or directory. */
  path: string;
  /** What is wrong with it: completes the sentence that begins with the path. */
  says: string;
}

/** One sentence on each, for a start that is refused. */
export function damageText(damages: readonly Damage[]): string {
  const [first, ...more] = damages;
  if (!first) return "";
  const others = more.length === 1 ? "1 other file is" : `${more.length} other files are`;
  const rest = more.length === 0 ? "" : ` ${others} missing or wrong, too.`;
  return `${first.path} ${first.says}.${rest}`;
}
