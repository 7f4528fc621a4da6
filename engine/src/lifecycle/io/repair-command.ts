import { createServer, type Server } from "node:net";
import { errnoOf, exists } from "../../lib/io/files.ts";
import { StartError } from "../../lib/start-error.ts";
import { choosePostgresUser } from "../../postgres/io/os-user.ts";
import type { Home } from "../../storage/home.ts";
import { prepareHome } from "../../storage/io/prepare-home.ts";
import { readSettings, type Settings, settingsDamage } from "../../storage/io/settings.ts";
import { ensureMounted } from "../../storage/io/volume.ts";
import { type RepairPlan, repairFolders, repairHome } from "./repair.ts";
import { findRunning } from "./running-engine.ts";

/** `repair` of the engine's program: holds the API's port meanwhile, so that no engine starts. */
export async function repairCommand(home: Home, apply: boolean): Promise<RepairPlan> {
  if (!(await exists(home.path))) {
    throw new StartError("CONFIG_INVALID", `There is no home at ${home.path}.`, "Check DS_HOME.");
  }
  const isKnown = (await settingsDamage(home)) === undefined;
  const settings: Settings = isKnown ? await readSettings(home) : { homeId: "unknown" };
  const running = await findRunning(home, settings);
  if (running) throw served(running.pid);
  const lock = await hold(settings.port);
  try {
    // What lies in the folder can only be seen once it is one: the next repair tells.
    const folders = await repairFolders(home, apply);
    if (folders.repairs.length > 0) return folders;
    await prepareHome(home, await choosePostgresUser(home.pgdata));
    await ensureMounted(home, settings);
    await prepareHome(home, await choosePostgresUser(home.pgdata));
    return await repairHome(home, apply);
  } finally {
    await new Promise((done) => lock.close(done));
  }
}

const served = (pid: number) =>
  new StartError(
    "CONFLICT",
    `The engine is running (pid ${pid}).`,
    "Stop it first: ds engine stop",
  );

function hold(port = 0): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const says = `Port ${port}, where the engine of this home listens, is in use.`;
      const taken = new StartError("CONFLICT", says, "Stop the program that listens there.");
      reject(errnoOf(error) === "EADDRINUSE" ? taken : error);
    });
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => resolve(server));
  });
}
