import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * What an engine answers a nonce with: only who has the home's key can, and only for the port at which it was
 * asked, so that nobody can pass the question on to the engine at another. The engine has its own definition
 * (`engine/src/lib/engine-proof.ts`).
 */
export function engineProof(key: string, nonce: string, homeId: string, port: number): string {
  return createHmac("sha256", key).update(`ds engine\n${nonce}\n${homeId}\n${port}`).digest("hex");
}

export function isEngineProof(proof: unknown, expected: string): boolean {
  if (typeof proof !== "string" || proof.length !== expected.length) return false;
  return timingSafeEqual(Buffer.from(proof), Buffer.from(expected));
}
