import type { Context } from "../../context.ts";
import { plural } from "../../core/plural.ts";

export default async function stop({ engine, home, output }: Context): Promise<void> {
  const service = await engine();
  const running = await service.running();
  if (!running) {
    output.result({ stopped: false, home }, `No engine runs for ${home}; nothing to stop.`);
    return;
  }
  const { computesRunning } = await service.status();
  await output.step("Stopping the local engine", () => service.stop());
  output.result(
    { stopped: true, home, pid: running.pid, computesStopped: computesRunning },
    `Stopped the engine at ${running.url} (pid ${running.pid}) and ${plural(computesRunning, "running database")}.\nThe branches stay; the next command starts it again.`,
  );
}
