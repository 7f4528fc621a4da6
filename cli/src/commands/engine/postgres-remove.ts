import type { AppContext } from "../../app-context.ts";
import { majorOf } from "../../engine/postgres-major.ts";
import { DsError } from "../../errors/ds-error.ts";

export default async function remove(
  { engine, output }: AppContext,
  _flags: unknown,
  version: string,
): Promise<void> {
  const major = majorOf(version);
  const service = await engine();
  await service.ensure({ asked: true });
  if (!(await (await service.postgresVersions()).remove(major))) {
    throw new DsError("NOT_FOUND", `no directory of PostgreSQL ${major} was added`, {
      hint: "See what was: ds engine postgres list",
    });
  }
  output.result(
    { removed: major },
    `The engine does not use PostgreSQL ${major} any more; its files stay.`,
  );
}
