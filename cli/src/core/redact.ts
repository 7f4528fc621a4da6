/**
 * Passwords never reach a screen, a log or an error. Every line that `Output` writes goes through
 * here, so a command that forgets is still safe.
 */

/** Up to the last @ of the word: a password may hold one itself. */
const urlPassword = /([a-z][a-z0-9+.-]*:\/\/[^\s/:@"'`]*):[^\s"'`]*@/gi;
/** Neon's password and key shapes, wherever they stand. */
const bareSecret = /\b(npg|napi)_[A-Za-z0-9]{8,}/g;

/** The text with the password of every URL in it, and everything shaped like a Neon secret, masked. */
export function redact(text: string): string {
  return text.replace(urlPassword, "$1:****@").replace(bareSecret, "$1_****");
}

/** The same for anything that is about to become JSON. */
export function redactDeep(value: unknown, mask: (text: string) => string = redact): unknown {
  if (typeof value === "string") return mask(value);
  if (Array.isArray(value)) return value.map((item) => redactDeep(item, mask));
  if (value instanceof Date || value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, redactDeep(item, mask)]),
  );
}
