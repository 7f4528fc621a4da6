import type { AppContext } from "../../app-context.ts";
import { checkExtensionName } from "../../engine/extensions/name.ts";
import { DsError } from "../../errors/ds-error.ts";
import { formatBytes } from "../../lib/format/bytes.ts";
import { plural } from "../../lib/format/plural.ts";

interface Flags {
  yes: boolean;
}

export default async function remove(
  { confirm, engine, output }: AppContext,
  flags: Flags,
  name: string,
): Promise<void> {
  checkExtensionName(name);
  const service = await engine();
  await service.ensure({ asked: true });
  const extensions = await service.extensions();
  const found = (await extensions.list()).extensions.find((each) => each.name === name);
  if (found === undefined) {
    throw new DsError("NOT_FOUND", `the extension ${name} was not added`, {
      reason: "EXTENSION_NOT_FOUND",
      hint: "See what was: ds engine extension list",
    });
  }
  await confirm({
    message: `Remove ${name} ${found.version}, which came from ${found.from}?`,
    yes: flags.yes,
    command: `ds engine extension remove ${name} --yes`,
  });
  const { extension, snapshots } = await output.step(
    `Looking for ${name} in every database of every branch`,
    () => extensions.remove(name),
  );
  output.result(
    { removed: extension, snapshots },
    [
      `Removed ${name} ${extension.version} (${formatBytes(extension.bytes)}).`,
      ...(snapshots > 0
        ? [
            `${plural(snapshots, "snapshot")} and the past of branches were not looked into: what has it there needs it again.`,
          ]
        : []),
    ].join("\n"),
  );
}
