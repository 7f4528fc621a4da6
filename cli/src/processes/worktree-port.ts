import { DsError } from "../errors/ds-error.ts";

const longestSearch = 1_000;

/** The next port above the configured one that nobody has; those below 1024 are the system's. */
export function nextPort(configured: number, taken: ReadonlySet<number>): number {
  const first = Math.max(configured + 1, 1024);
  for (let port = first; port < Math.min(first + longestSearch, 65_536); port++) {
    if (!taken.has(port)) return port;
  }
  throw new DsError("CONFLICT", `no port above ${configured} is free for this worktree`, {
    reason: "PORT_TAKEN",
    hint: "Configure another `port` in ds.config.ts, with room above it",
  });
}
