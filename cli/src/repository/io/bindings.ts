import { readFileSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "../../errors/code-of.ts";
import { DsError } from "../../errors/ds-error.ts";
import type { Binding } from "../binding.ts";

export const bindingsFile = (home: string) => join(home, "bindings.json");

/** Which repository works with which project, in $DS_HOME/bindings.json. */
export function readBindings(home: string): Binding[] {
  const path = bindingsFile(home);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return [];
    throw unreadable(path, error);
  }
  try {
    const { bindings } = JSON.parse(text) as { bindings: unknown };
    if (Array.isArray(bindings) && bindings.every(isBinding)) return bindings;
  } catch (error) {
    throw unreadable(path, error);
  }
  throw unreadable(path);
}

function isBinding(value: unknown): value is Binding {
  const { project, name, api, repository } = (value ?? {}) as Partial<Binding>;
  const { folder, part } = repository ?? {};
  return [project, name, api, folder, part].every((text) => typeof text === "string");
}

function unreadable(path: string, cause?: unknown): DsError {
  return new DsError(
    "CONFIG_INVALID",
    `${path}, which says which repository has which project, cannot be used`,
    {
      reason: "BINDINGS_UNREADABLE",
      hint: "Restore it from a backup; or delete it, and then join each repository's project again: ds setup --project <id>",
      cause,
    },
  );
}
