import type { Runtime } from "../../runtime/runtime.ts";
import type {
  ExtensionAddition,
  ExtensionList,
  ExtensionOrigin,
  ExtensionRemoval,
  WaitingBranch,
} from "../contract.ts";
import { askEngine } from "./ask-engine.ts";
import type { EngineAddress } from "./find.ts";

/** Extensions of the running engine's Postgres. Each call fails with what the engine refuses. */
export interface EngineExtensions {
  list(): Promise<ExtensionList>;
  /** @param request `path` is absolute: of a folder or an archive */
  add(request: { name: string; path: string } & ExtensionOrigin): Promise<ExtensionAddition>;
  remove(name: string): Promise<ExtensionRemoval>;
  /** Stops branches that were started before the last change, or one of them. */
  restart(branchId?: string): Promise<WaitingBranch[]>;
}

export function openExtensions(
  { output: { changes }, signal }: Pick<Runtime, "output" | "signal">,
  address: EngineAddress,
): EngineExtensions {
  const changing = <T>(done: string, unclear: string, path: string, body: object) => {
    signal.throwIfAborted();
    return changes.during({ done, unclear }, () =>
      askEngine<T>(address, `/engine/extensions${path}`, body),
    );
  };
  const look = "`ds engine extension list` shows it";
  return {
    list: () => askEngine(address, "/engine/extensions"),
    add: (request) => {
      const { name } = request;
      return changing(
        `the extension ${name} was added`,
        `the extension ${name} may have been added: ${look}`,
        "/add",
        request,
      );
    },
    remove: (name) =>
      changing(
        `the extension ${name} was removed`,
        `the extension ${name} may have been removed: ${look}`,
        "/remove",
        { name },
      ),
    restart: async (branchId) => {
      const { restarted } = await changing<{ restarted: WaitingBranch[] }>(
        "branches were restarted",
        "branches may have been restarted",
        "/restart",
        branchId === undefined ? {} : { branchId },
      );
      return restarted;
    },
  };
}
