import type { AppContext } from "../app-context.ts";
import { chooseShell, completionScript } from "../completion/script.ts";

/** Prints what a shell has to evaluate so that it completes `ds`. */
export default async function completion(
  { env, output }: AppContext,
  _: unknown,
  named?: string,
): Promise<void> {
  const shell = chooseShell(named, env);
  const script = completionScript(shell);
  output.result({ shell, script }, script);
}
