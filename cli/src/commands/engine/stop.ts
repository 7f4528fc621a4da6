import type { AppContext } from "../../app-context.ts";
import { plural } from "../../lib/format/plural.ts";

export default async function stop({ engine, home, output }: AppContext): Promise<void> {
  const service = await engine();
  const running = await service.running();
  if (!running) {
    output.result({ stopped: false, home }, `No engine runs for ${home}; nothing to stop.`);
    return;
  }
  // The engine also adds up what is on its disk, which takes long with many branches: only worth a word.
  const status = await service.status(2000).catch(() => undefined);
  const databases = status ? ` and ${plural(status.computesRunning, "running database")}` : "";
  await output.step("Stopping the local engine", () => service.stop());
  output.result(
    { stopped: true, home, pid: running.pid, computesStopped: status?.computesRunning ?? null },
    `Stopped the engine at ${running.url} (pid ${running.pid})${databases}.\nThe branches stay; the next command starts it again.`,
  );
}
