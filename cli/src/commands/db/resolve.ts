import type { AppContext } from "../../app-context.ts";
import { DsError } from "../../errors/ds-error.ts";
import { type EditFlags, resolveOnTarget } from "../../migrations/resolve/io/edit-on-target.ts";
import type { Resolution, ResolveRequest } from "../../migrations/resolve/resolve.ts";
import { changeText, nameOf } from "../../migrations/resolve/text.ts";

interface Flags extends EditFlags {
  applied?: string;
  forget?: string;
  acceptEdit?: string;
}

/** Says how a migration stands where the ledger cannot know; runs none of its SQL. */
export default async function resolveCommand(context: AppContext, flags: Flags): Promise<void> {
  const request = wanted(flags);
  const { change, what } = await resolveOnTarget(context, flags, request);
  context.output.result(
    { status: "resolved", action: request.resolution, migration: nameOf(change) },
    changeText(change, what),
  );
}

function wanted({ applied, forget, acceptEdit }: Flags): ResolveRequest {
  const given: [Resolution, string | undefined][] = [
    ["applied", applied],
    ["forget", forget],
    ["accept-edit", acceptEdit],
  ];
  const [first, ...more] = given.flatMap(([resolution, name]) =>
    name === undefined ? [] : [{ resolution, name }],
  );
  if (first !== undefined && more.length === 0) return first;
  throw new DsError(
    "USAGE",
    "give one of --applied, --forget and --accept-edit, with a migration",
    {
      hint: "See what each does: ds db resolve --help",
    },
  );
}
