import type { AppContext } from "../../app-context.ts";

export default async function uninstallServiceCommand(context: AppContext): Promise<void> {
  const { uninstallService } = await import("../../engine/service/io/service.ts");
  const { unit, removed } = await uninstallService(context);
  const { manager, name, file } = unit;
  context.output.result(
    { removed, manager, name, file },
    removed
      ? `Removed ${file}. An engine that runs goes on; ds engine stop ends it.`
      : `No service was installed for this home; nothing to remove.`,
  );
}
