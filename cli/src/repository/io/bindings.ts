import { readFileSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "../../errors/code-of.ts";
import { DsError } from "../../errors/ds-error.ts";
import { writeFileAtomic } from "../../lib/io/write-file-atomic.ts";
import { homeFolder } from "../../runtime/io/home-folder.ts";
import { withLock } from "../../runtime/io/lock-file.ts";
import type { Binding } from "../binding.ts";

const fileOf = (home: string) => join(home, "bindings.json");

/** Which repository works with which project, in $DS_HOME/bindings.json. */
export function readBindings(home: string): Binding[] {
  const path = fileOf(home);
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

/** Changes what is remembered, while no other command does; returns what holds then. */
export async function changeBindings(
  { home, signal }: { home: string; signal: AbortSignal },
  change: (bindings: Binding[]) => Binding[],
): Promise<Binding[]> {
  const lock = { home, name: "bindings", signal, waitMs: 10_000, onWait: () => {} };
  return await withLock(lock, async () => {
    const before = readBindings(home);
    const after = change(before);
    if (JSON.stringify(after) !== JSON.stringify(before)) {
      await homeFolder(home);
      await writeFileAtomic(fileOf(home), `${JSON.stringify({ bindings: after }, null, 2)}\n`);
    }
    return after;
  });
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
