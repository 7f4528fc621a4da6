import { writeFileAtomic } from "../../lib/io/write-file-atomic.ts";
import { homeFolder } from "../../runtime/io/home-folder.ts";
import { withLock } from "../../runtime/io/lock-file.ts";
import type { Binding } from "../binding.ts";
import { bindingsFile, readBindings } from "./bindings.ts";

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
      await writeFileAtomic(
        bindingsFile(home),
        `${JSON.stringify({ bindings: after }, null, 2)}\n`,
      );
    }
    return after;
  });
}
