import { isOwnObject } from "../own-schema.ts";
import { entryHeader } from "./dump.ts";
import { tokensOf } from "./scan.ts";

/** The dump without what ds itself has made, as pg_dump would have written it then. */
export function withoutOwnObjects(dump: string): string {
  let kept = "";
  let from = 0;
  let isOwn = false;
  const end = (at: number) => {
    const text = dump.slice(from, at);
    // How tables are stored is set behind an entry, for those that follow.
    kept += isOwn ? (text.match(/^SET default_\w+ = .*;\n\n/gm) ?? []).join("") : text;
    from = at;
  };
  for (const { at, kind, text } of tokensOf(dump)) {
    if (kind !== "comment") continue;
    const header = entryHeader(text);
    const isLast = text === "-- PostgreSQL database dump complete";
    if (header === undefined && !isLast) continue;
    // The line above it, which is empty but for the dashes, is a part of it.
    end(dump.slice(0, at).endsWith("--\n") ? at - 3 : at);
    isOwn = header !== undefined && isOwnObject(header);
  }
  end(dump.length);
  return kept;
}
