import { DsError } from "../../../errors/ds-error.ts";
import { withPostgres } from "../../../postgres/io/connect.ts";
import { beginLooking } from "../../copy/io/sessions.ts";
import { readCatalogue } from "../../model/io/read-catalogue.ts";
import type { RefreshJob } from "../../run/io/job.ts";
import { explain } from "../explain.ts";
import type { Explanation } from "../explanation.ts";
import { placeOf } from "../place.ts";

/** `--explain`: reads the two catalogues, and no row of any table. */
export async function explainRules(
  { main, source, rules, without }: RefreshJob,
  path: string,
): Promise<Explanation> {
  const production = await source.connect();
  try {
    await source.verify(production);
    await beginLooking(production, { tenant: "", maskKey: "" });
    const ours = await readCatalogue(production, { what: "the source", without });
    const place = placeOf(path, ours);
    if ("unknown" in place) throw unknownPlace(path, place);
    const what = `branch ${main.branch.name}`;
    const theirs = await withPostgres(await main.connectionUrl(), { what }, (client) =>
      readCatalogue(client, { what: "main", without }),
    );
    return explain(place, { source: ours, target: theirs, rules });
  } finally {
    await production.end().catch(() => {});
  }
}

function unknownPlace(
  path: string,
  { unknown, similar }: { unknown: "table" | "column"; similar: string[] },
): DsError {
  return new DsError("NOT_FOUND", `production has no ${unknown} ${JSON.stringify(path)}`, {
    reason: unknown === "table" ? "NO_SUCH_TABLE" : "NO_SUCH_COLUMN",
    hint:
      similar.length > 0
        ? `Did you mean ${similar.join(" or ")}?`
        : "Name a table (users, audit.events) or a column of one (users.email).",
    details: { path, similar },
  });
}
