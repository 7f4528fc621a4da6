import { proposeCompletions } from "@stricli/core";
import { makeContext } from "../app-context.ts";
import { flagsApart, worthProposing } from "../completion/words.ts";
import { once } from "../lib/async/once.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { buildApp } from "./app.ts";
import type { Completing } from "./command.ts";

/**
 * What may follow in a command line, a line for each: the text, a tab, what it is. Never fails: a shell
 * could only show a failure in the middle of what somebody types.
 *
 * @param words what was typed behind `ds`; the last one is being typed, and may be empty
 */
export async function complete(
  app: ReturnType<typeof buildApp>,
  base: Runtime,
  words: readonly string[],
): Promise<string> {
  const config = once(async () => {
    const { loadKnownConfig } = await import("../config/io/load.ts");
    return loadKnownConfig(base);
  });
  const context = { ...makeContext(base), config };
  const completing: Completing = {
    names: async (what) => {
      const { namesFor } = await import("../completion/io/names.ts");
      return namesFor(context, what).catch(() => []);
    },
  };
  const { separate, prefix } = flagsApart(words);
  const proposals = await proposeCompletions(app, separate, completing as never);
  return worthProposing(proposals)
    .map(({ completion, brief }) => `${prefix}${completion}\t${brief}\n`)
    .join("");
}
