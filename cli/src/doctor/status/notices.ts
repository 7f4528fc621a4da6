import { plural } from "../../lib/format/plural.ts";
import type { StatusDocument } from "./status.ts";

/** What somebody should know of the database and this checkout's migrations, after a checkout or merge. */
export function noticesOf({
  branch,
  migrations,
}: Pick<StatusDocument, "branch" | "migrations">): string[] {
  if (migrations === null) return [];
  const pending = [...migrations.pending, ...migrations.late];
  const { unknown, edited } = migrations;
  return [
    ...(pending.length > 0
      ? [
          `${plural(pending.length, "migration")} pending on ${branch.name} (${some(pending)}): ds db migrate`,
        ]
      : []),
    ...(unknown.length > 0
      ? [`${branch.name} is ahead of this checkout (${some(unknown)}): ds db status`]
      : []),
    ...(edited.length > 0
      ? [`edited since they were applied to ${branch.name}: ${some(edited)}`]
      : []),
  ];
}

const some = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 3).join(", ")}, ...` : names.join(", ");
