import type { AppContext } from "../../app-context.ts";
import { shownPath } from "../../lib/format/shown-path.ts";

interface Flags {
  print: boolean;
}

/** The engine of this home is there after a reboot, before anybody types `ds`. */
export default async function installServiceCommand(
  context: AppContext,
  flags: Flags,
): Promise<void> {
  const { output, cwd } = context;
  if (flags.print) {
    const { ownUnit } = await import("../../engine/service/io/own-unit.ts");
    const { manager, name, file, text } = await ownUnit(context);
    output.note(`to be written to ${file}`);
    output.result({ installed: false, manager, name, file, text }, text.trimEnd());
    return;
  }
  const { installService } = await import("../../engine/service/io/service.ts");
  const { unit, changed, runsAlready } = await installService(context);
  const { manager, name, file } = unit;
  output.result(
    { installed: true, changed, manager, name, file, runsAlready },
    [
      `${manager} starts the engine from now on: ${shownPath(file, cwd)}`,
      ...(runsAlready
        ? ["The engine that runs now goes on; the next is started by the service."]
        : []),
      ...(manager === "systemd" && process.getuid?.() !== 0
        ? ["That is when you log in. At the machine's start, too: loginctl enable-linger"]
        : []),
    ].join("\n"),
  );
}
