import { resolve } from "node:path";
import type { AppContext } from "../../app-context.ts";
import { majorOf } from "../../engine/postgres-major.ts";

export default async function add(
  context: AppContext,
  _flags: unknown,
  version: string,
  directory: string,
): Promise<void> {
  const major = majorOf(version);
  const bin = resolve(context.cwd, directory);
  const service = await context.engine();
  await service.ensure({ asked: true });
  const found = await (await service.postgresVersions()).add(major, bin);
  context.output.result(
    { major, bin, ...found },
    `Projects can have PostgreSQL ${major} now: ${found.version} in ${bin}.`,
  );
}
