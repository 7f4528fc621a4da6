import { dirname, join } from "node:path";
import { exists } from "../../lib/io/files.ts";
import { preloadLibraries } from "../../model/preload-libraries.ts";
import type { Binaries } from "./binaries.ts";

/** Which of the libraries that projects may preload this server has; an installed one may come without them. */
export async function findPreloadable({ bin, major }: Binaries): Promise<string[]> {
  const prefix = dirname(bin);
  const folders = ["lib/postgresql", "lib"].map((folder) => join(prefix, folder));
  const places = [...folders, `/usr/lib/postgresql/${major}/lib`];
  const names = preloadLibraries.map(({ name }) => name);
  const found = await Promise.all(names.map((name) => isIn(places, name)));
  return names.filter((_, index) => found[index]);
}

async function isIn(folders: string[], library: string): Promise<boolean> {
  for (const folder of folders) {
    for (const suffix of [".so", ".dylib"]) {
      if (await exists(join(folder, library + suffix))) return true;
    }
  }
  return false;
}
