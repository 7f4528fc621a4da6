import type { AppContext } from "../../app-context.ts";
import { DsError } from "../../errors/ds-error.ts";

interface Flags {
  yes: boolean;
}

export default async function remove(
  { confirm, engine, output }: AppContext,
  flags: Flags,
  name: string,
): Promise<void> {
  const service = await engine();
  await service.ensure();
  const { quarantine } = await service.status();
  const entry = quarantine.find((found) => found.name === name);
  if (!entry) {
    throw new DsError("NOT_FOUND", `nothing named ${name} was set aside`, {
      hint: "See what was: ds engine quarantine list",
    });
  }
  await confirm({
    message: `Remove ${entry.path}${entry.was ? `, which was the data of ${entry.was},` : ""} for good?`,
    yes: flags.yes,
    command: `ds engine quarantine remove ${name} --yes`,
  });
  await service.removeQuarantined(name);
  output.result({ removed: entry }, `Removed ${entry.path}.`);
}
