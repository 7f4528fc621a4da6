import { basename, dirname, join } from "node:path";
import { codeOf } from "../../errors/code-of.ts";
import { readRegularFile } from "../../lib/io/regular-file.ts";
import { slug } from "../../lib/text/slug.ts";
import { ownBindings } from "../../repository/binding.ts";
import { readBindings } from "../../repository/io/bindings.ts";
import { findRepository } from "../../repository/io/find-repository.ts";
import type { Repository } from "../../repository/repository.ts";
import { readSettings } from "../../runtime/io/user-settings.ts";
import type { Runtime } from "../../runtime/runtime.ts";

export interface InferredName {
  project: string;
  /** What the project may be called else: an earlier ds took the last part of the name alone. */
  otherNames: string[];
}

/** What the project is called where no configuration names it: as before, where this repository has one. */
export async function inferProjectName(
  { env, home }: Pick<Runtime, "env" | "home">,
  root: string,
): Promise<InferredName> {
  const repository = await findRepository({ env, home }, root);
  const [own] = ownBindings(readBindings(home), repository, { part: true });
  const packageName = nameInPackage(root);
  const name = slug(packageName ?? folderName(repository)) || "project";
  const former = slug((packageName ?? "").replace(/^@[^/]*\//, "")) || slug(basename(root)) || name;
  const wasSetUp = (await readSettings(home)).checkouts[root] !== undefined;
  const [first, ...others] = [
    own?.binding.name,
    ...(wasSetUp ? [former, name] : [name, former]),
  ].filter((each) => each !== undefined);
  const project = first ?? name;
  return { project, otherNames: [...new Set(others)].filter((other) => other !== project) };
}

/** Of the repository and the folder in it; at its top, of the folder around it, as so many are called `db`. */
function folderName({ folder, part }: Repository): string {
  const own = basename(folder).replace(/\.git$/, "");
  return part === "" ? `${basename(dirname(folder))}-${own}` : `${own}-${part}`;
}

function nameInPackage(root: string): string | undefined {
  try {
    const text = readRegularFile(join(root, "package.json"))?.toString("utf8") ?? "{}";
    const { name } = JSON.parse(text) as { name?: unknown };
    return typeof name === "string" && slug(name) !== "" ? name : undefined;
  } catch (error) {
    // A broken package.json is not what this command is about.
    if (error instanceof SyntaxError || codeOf(error) === "EACCES") return undefined;
    throw error;
  }
}
