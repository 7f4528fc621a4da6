import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

/**
 * What Postgres stores of a password (RFC 5803 as in PostgreSQL's scram-common.c). Handing this over
 * in place of the password keeps the password out of the server's log when a statement fails.
 *
 * @param iterations Postgres' default. They slow down who guesses, and who logs in: of a password that
 * nobody can guess, and that only the engine logs in with, one is enough.
 */
export function scramVerifier(
  password: string,
  { salt = randomBytes(16), iterations = 4096 } = {},
): string {
  const salted = pbkdf2Sync(password.normalize("NFKC"), salt, iterations, 32, "sha256");
  const sign = (text: string) => createHmac("sha256", salted).update(text).digest();
  const storedKey = createHash("sha256").update(sign("Client Key")).digest("base64");
  const serverKey = sign("Server Key").toString("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}
