import { DsError } from "../../errors/ds-error.ts";

/**
 * Files out of `git ls-tree -r -z`: `<mode> <type> <id>\t<path>\0`.
 *
 * @param folder with a slash at its end; names are given relative to it
 */
export function parseFileList(list: string, folder: string): { id: string; name: string }[] {
  return list
    .split("\0")
    .filter((entry) => entry !== "")
    .map((entry) => {
      const [head = "", path = ""] = entry.split("\t");
      const [, type, id = ""] = head.split(" ");
      return { type, id, path };
    })
    .filter(({ type }) => type === "blob")
    .map(({ id, path }) => {
      // Git writes no such tree, but somebody else may have; the name may become a path here.
      if (!path.startsWith(folder) || path.split("/").includes("..")) {
        throw new DsError("REFUSED", `git has a file whose name leads out of ${folder}: ${path}`);
      }
      return { id, name: path.slice(folder.length) };
    });
}

/** Contents out of `git cat-file --batch`: `<id> <type> <size>\n<content>\n`, one after another. */
export function parseObjects(output: Uint8Array): Uint8Array[] {
  const contents: Uint8Array[] = [];
  let at = 0;
  while (at < output.length) {
    const end = output.indexOf(10, at);
    const head = Buffer.from(output.subarray(at, end)).toString("utf8");
    const size = Number(head.split(" ")[2]);
    if (end === -1 || !Number.isInteger(size)) throw new Error(`git cat-file said: ${head}`);
    contents.push(output.subarray(end + 1, end + 1 + size));
    at = end + 1 + size + 1;
  }
  return contents;
}

/** A migrations folder as `parseFolder` wants it, out of its files. */
export function listingOf(path: string, files: ReadonlyMap<string, Uint8Array>) {
  const journal = files.get("meta/_journal.json");
  const sql = new Map(
    [...files].filter(
      ([name]) => /^[^/]+\.sql$/.test(name) || /^[^/]+\/migration\.sql$/.test(name),
    ),
  );
  const folders = [...files.keys()]
    .map((name) => name.split("/")[0] ?? "")
    .filter((name) => !files.has(name))
    .filter((name) => /^\d{14}(?:_|$)/.test(name) || files.has(`${name}/migration.sql`));
  return {
    path,
    journal: journal && Buffer.from(journal).toString("utf8"),
    sql,
    folders: [...new Set(folders)],
  };
}
