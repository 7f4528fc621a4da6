import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Ports that are remembered are taken from below the ranges that systems hand out to outgoing
 * connections (Linux: 32768 and up, macOS: 49152 and up), so that they are free again tomorrow.
 */
const rememberedPorts = { from: 24_000, to: 32_000 };
const passingPorts = { from: 11_000, to: 24_000 };

/** Free right now and not in `taken`; somebody may still be faster, so binding can fail. */
export const findRememberedPort = (taken: ReadonlySet<number>) => findPort(rememberedPorts, taken);
export const findEphemeralPort = () => findPort(passingPorts, new Set());

async function findPort(
  range: { from: number; to: number },
  taken: ReadonlySet<number>,
): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(range.from, range.to);
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new Error(`no free port on 127.0.0.1 between ${range.from} and ${range.to}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}
