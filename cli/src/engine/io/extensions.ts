import { DsError } from "../../errors/ds-error.ts";
import { loopbackAnswer } from "../../lib/io/loopback-http.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type {
  ExtensionAddition,
  ExtensionList,
  ExtensionOrigin,
  ExtensionRemoval,
  WaitingBranch,
} from "../contract.ts";
import { extensionRefusal } from "../extension-refusal.ts";
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
    return changes.during({ done, unclear }, () => ask<T>(address, path, body));
  };
  const look = "`ds engine extension list` shows it";
  return {
    list: () => ask(address, ""),
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

/** Copying a template and trying an extension take seconds, looking into many branches minutes. */
const silenceMs = 10 * 60_000;

async function ask<T>({ url, key }: EngineAddress, path: string, body?: object): Promise<T> {
  const answer = await loopbackAnswer(new URL(`/engine/extensions${path}`, url), {
    headers: { authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    timeout: silenceMs,
  });
  if (answer === undefined) {
    throw new DsError("UPSTREAM", `the engine at ${url} does not answer`, {
      reason: "API_UNREACHABLE",
      hint: "Look at its log: ds engine logs",
    });
  }
  if (answer.status !== 200) throw extensionRefusal(answer.status, answer.body);
  return JSON.parse(answer.body) as T;
}
