import type { HasConfig, ProjectConfig } from "../../config/project-config.ts";
import { isWorktreeThere } from "../../lib/git/io/linked-worktree.ts";
import { changeSettings, readSettings } from "../../runtime/io/user-settings.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { placeCheckout, settingsOf } from "../../stages/io/checkout.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import { thisCheckout } from "../../stages/io/local-stage.ts";
import { nextPort } from "../worktree-port.ts";
import { isPortTaken } from "./port-holder.ts";

type Processes = ProjectConfig["processes"];

/**
 * The processes with the ports of this checkout: the configured ones in the main worktree; in a linked one the next that no
 * other worktree has, remembered, so that several run side by side.
 */
export async function withOwnPorts(
  context: Runtime & HasConfig & HasDeveloper,
): Promise<Processes> {
  const { processes } = await context.config();
  const checkout = await thisCheckout(context);
  if (checkout.worktree === undefined) return processes;
  const developer = (await context.developer()).name;
  const configured = Object.values(processes).flatMap(({ port }) => port ?? []);
  const busy = new Set<number>();
  const known = settingsOf(await readSettings(context.home), checkout)?.ports ?? {};
  for (;;) {
    const ports = await changeSettings(context, (settings) => {
      const own = settingsOf(settings, checkout)?.ports ?? {};
      const others = Object.values(settings.checkouts)
        .filter(({ worktree }) => worktree !== checkout.worktree?.gitFolder)
        .filter(({ worktree }) => worktree !== undefined && isWorktreeThere(worktree))
        .flatMap((each) => Object.values(each.ports ?? {}));
      const taken = new Set([...configured, ...others, ...Object.values(own), ...busy]);
      for (const [name, { port }] of Object.entries(processes)) {
        const mine = own[name];
        const isOpen = mine === undefined || (busy.has(mine) && known[name] !== mine);
        if (port === undefined || !isOpen) continue;
        own[name] = nextPort(port, taken);
        taken.add(own[name]);
      }
      placeCheckout(settings, checkout, { developer, ports: own });
      return own;
    });
    // One that is chosen for the first time has to be free now; a remembered one is waited for, as a configured one is.
    const fresh = Object.entries(ports).filter(([name, port]) => known[name] !== port);
    const held = [];
    for (const [, port] of fresh) if (!busy.has(port) && (await isPortTaken(port))) held.push(port);
    if (held.length === 0) return withPorts(processes, ports);
    for (const port of held) busy.add(port);
  }
}

const withPorts = (processes: Processes, ports: Record<string, number>): Processes =>
  Object.fromEntries(
    Object.entries(processes).map(([name, process]) => [
      name,
      { ...process, port: process.port === undefined ? undefined : ports[name] },
    ]),
  );
