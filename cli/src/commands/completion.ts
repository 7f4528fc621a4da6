import type { AppContext } from "../app-context.ts";
import { completionScript, type Shell, shells } from "../completion/script.ts";
import { DsError } from "../errors/ds-error.ts";

/** Prints what a shell has to evaluate so that it completes `ds`. */
export default async function completion(
  { env, output }: AppContext,
  _: unknown,
  named?: string,
): Promise<void> {
  const name = named ?? env.SHELL?.split("/").at(-1) ?? "";
  const shell = shells.find((known): known is Shell => known === name);
  if (shell === undefined) {
    throw new DsError(
      "USAGE",
      named === undefined
        ? `your shell (${name || "SHELL is not set"}) is none that ds can complete in`
        : `ds cannot complete in ${named}`,
      { hint: `Name one of these: ${shells.join(", ")}` },
    );
  }
  const script = completionScript(shell);
  output.result({ shell, script }, script);
}
