import type { HasEngine } from "../../engine/io/daemon.ts";
import { DsError } from "../../errors/ds-error.ts";
import { foreignListener } from "../../lib/io/listener-owner.ts";
import { isLocalHost } from "../../postgres/connection-url.ts";
import type { Runtime } from "../../runtime/runtime.ts";

export interface ApiAccess {
  /** Base URL: `https://console.neon.tech/api/v2`. */
  url: string;
  key: string;
  /** It is this machine's engine that was found, or started. */
  local: boolean;
}

/** NEON_API_HOST; undefined where the API is the local engine's. */
export const apiHost = ({ env, local }: Pick<Runtime, "env" | "local">): string | undefined =>
  local ? undefined : env.NEON_API_HOST?.trim() || undefined;

/** NEON_API_HOST and NEON_API_KEY, else the local engine. */
export async function apiAccess(
  context: Pick<Runtime, "env" | "local" | "output"> & HasEngine,
): Promise<ApiAccess> {
  const { env, engine, local, output } = context;
  const host = apiHost(context);
  if (!host) {
    if (env.NEON_API_KEY && !local)
      output.detail("NEON_API_KEY is set without NEON_API_HOST: using the local engine");
    const { url, key } = await (await engine()).ensure();
    return { url, key, local: true };
  }
  if (!/^https?:\/\/[^\s/]/.test(host) || !URL.canParse(host)) {
    throw new DsError("CONFIG_INVALID", `NEON_API_HOST must be a URL, not "${host}"`, {
      reason: "API_HOST_INVALID",
      hint: "For Neon's cloud: NEON_API_HOST=https://console.neon.tech/api/v2",
    });
  }
  if (host.startsWith("http:") && !isLocalHost(new URL(host).hostname.replace(/^\[|\]$/g, ""))) {
    throw new DsError(
      "CONFIG_INVALID",
      `NEON_API_HOST is ${host}: the key would travel unencrypted`,
      {
        reason: "API_HOST_UNENCRYPTED",
        hint: "Use https:// for any host but this machine.",
      },
    );
  }
  const key = env.NEON_API_KEY?.trim();
  if (!key) {
    throw new DsError("CREDENTIALS", `NEON_API_HOST is ${host}, but NEON_API_KEY is not set`, {
      reason: "API_KEY_MISSING",
      hint: "Set NEON_API_KEY, or unset NEON_API_HOST to use the local engine.",
    });
  }
  refuseForeignListener(new URL(host));
  const base = host.replace(/\/+$/, "");
  const url = /\/api\/v\d+$/.test(base) ? base : `${base}/api/v2`;
  return { url, key, local: false };
}

/** Whoever listens at this machine's port is sent the key. */
function refuseForeignListener({ protocol, hostname, port }: URL): void {
  if (protocol !== "http:" || !isLocalHost(hostname.replace(/^\[|\]$/g, ""))) return;
  const uid = foreignListener(Number(port || 80));
  if (uid === undefined) return;
  throw new DsError(
    "CREDENTIALS",
    `a program of another user (uid ${uid}) listens at port ${port || 80}: NEON_API_KEY was not sent to it`,
    {
      reason: "API_NOT_OWN",
      hint: "Unset NEON_API_HOST to use the local engine: ds engine status",
    },
  );
}
