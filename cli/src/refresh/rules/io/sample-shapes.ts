import type { Client } from "pg";
import { quoteIdentifier } from "../../../postgres/quote.ts";
import type { Shape } from "../../masks/suggest.ts";
import type { Catalogue, CatalogueTable } from "../../model/catalogue.ts";
import { columnType } from "../../model/column-type.ts";
import { shownColumn } from "../../model/names.ts";
import { fromSql } from "../ownership.ts";
import type { Shapes } from "../propose.ts";

/** What a text has to look like; the server compares, and no value comes here. */
const patterns: Record<Shape, string> = {
  email: "^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$",
  url: "^https?://",
  ip: "^\\d{1,3}(\\.\\d{1,3}){3}$",
  uuid: "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
  phone: "^\\+?[0-9][-0-9 ()./]{6,18}$",
};
const shapes = Object.keys(patterns) as Shape[];

/** Looks at a few hundred rows of each table. A column has a shape when nearly all of its values do. */
export async function sampleShapes(
  client: Pick<Client, "query">,
  catalogue: Catalogue,
): Promise<Shapes> {
  const found: Shapes = {};
  for (const table of catalogue.tables) {
    if (table.kind === "partition" || !table.readable) continue;
    const texts = textColumns(table, catalogue);
    if (texts.length === 0) continue;
    const shares = texts.flatMap((name, at) =>
      shapes.map(
        (shape) =>
          `avg((t.${quoteIdentifier(name)}::text ~ '${patterns[shape]}')::int)::float8 as "${at} ${shape}"`,
      ),
    );
    const names = texts.map(quoteIdentifier).join(", ");
    const { rows } = await client.query<Record<string, number | null>>(
      `select ${shares.join(", ")} from (select ${names} from ${fromSql(table)} limit 200) t`,
    );
    texts.forEach((name, at) => {
      const shape = shapes.find((each) => (rows[0]?.[`${at} ${each}`] ?? 0) > 0.9);
      if (shape !== undefined) found[shownColumn(table, name)] = shape;
    });
  }
  return found;
}

const textColumns = (table: CatalogueTable, catalogue: Catalogue): string[] =>
  table.columns
    .filter(({ type }) => {
      const { family, array } = columnType(type, catalogue);
      return family === "text" && !array;
    })
    .map(({ name }) => name);
