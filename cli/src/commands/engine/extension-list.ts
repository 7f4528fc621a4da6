import type { AppContext } from "../../app-context.ts";
import { knownSources } from "../../engine/extensions/sources.ts";
import { ago } from "../../lib/format/ago.ts";
import { formatBytes } from "../../lib/format/bytes.ts";
import { table } from "../../lib/terminal/table.ts";

export default async function list({ engine, output }: AppContext): Promise<void> {
  const service = await engine();
  await service.ensure({ asked: true });
  const found = await (await service.extensions()).list();
  const { extensions, damaged, major, waiting } = found;
  const there = new Set(extensions.map(({ name }) => name));
  const known = knownSources
    .filter((source) => source.major === major && !there.has(source.name))
    .map(({ name, version, licence }) => ({ name, version, licence }));
  output.result({ ...found, known }, (style) => {
    const now = Date.now();
    const rows = extensions.map(({ name, version, bytes, addedAt, from }) => [
      ...[name, version, formatBytes(bytes), ago(addedAt, now), from],
    ]);
    const heads = ["NAME", "VERSION", "SIZE", "ADDED", "FROM"].map(style.dim);
    return [
      ...(rows.length === 0
        ? [`No extension was added to PostgreSQL ${major}; ${found.builtIn.length} come with it.`]
        : table([heads, ...rows])),
      ...known.map(
        ({ name, version }) =>
          `Known, not added: ${name} ${version} (ds engine extension add ${name})`,
      ),
      ...damaged.map(
        (name) =>
          `${style.yellow("!")} the files of ${name} are damaged; add it again: ds engine extension add ${name}`,
      ),
      ...(waiting.length > 0
        ? [
            `Started before the last change, and without it: ${waiting.map(({ name }) => name).join(", ")}`,
          ]
        : []),
    ].join("\n");
  });
}
