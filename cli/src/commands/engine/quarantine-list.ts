import type { AppContext } from "../../app-context.ts";
import { ago } from "../../lib/format/ago.ts";
import { table } from "../../lib/terminal/table.ts";

export default async function list({ engine, output }: AppContext): Promise<void> {
  const service = await engine();
  await service.ensure();
  const { quarantine } = await service.status();
  output.result({ quarantine }, (style) => {
    if (quarantine.length === 0) return "Nothing was set aside.";
    const now = Date.now();
    const rows = quarantine.map(({ name, at, until, was, why }) => [
      name,
      ago(at, now),
      ago(until, now),
      was ?? "",
      why,
    ]);
    return table([["NAME", "SET ASIDE", "REMOVED", "WAS", "WHY"].map(style.dim), ...rows]).join(
      "\n",
    );
  });
}
