import type { AppContext } from "../../app-context.ts";
import { shellWord } from "../../lib/text/shell-quote.ts";

/** For `eval "$(ds engine env)"`, so it prints the key. */
export default async function env({ engine, output }: AppContext): Promise<void> {
  const { url, key } = await (await engine()).ensure();
  const values = { NEON_API_HOST: url, NEON_API_KEY: key };
  const lines = Object.entries(values).map(([name, value]) => `export ${name}=${shellWord(value)}`);
  output.secretResult(values, lines.join("\n"));
}
