import type { AppContext } from "../../app-context.ts";
import { plural } from "../../lib/format/plural.ts";
import { baselineOnTarget, type EditFlags } from "../../migrations/resolve/io/edit-on-target.ts";

interface Flags extends EditFlags {
  to?: string;
}

/** Takes a database that predates the migrations folder into it: records migrations, runs none. */
export default async function baselineCommand(context: AppContext, flags: Flags): Promise<void> {
  const { pending, recorded, what } = await baselineOnTarget(context, flags, flags.to);
  context.output.result(
    { status: "baselined", recorded, pending },
    `${plural(recorded.length, "migration")} up to ${recorded.at(-1)} recorded as applied on ` +
      `${what}, none was run; ${pending} pending.`,
  );
}
