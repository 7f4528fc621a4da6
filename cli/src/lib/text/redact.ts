/**
 * Passwords never reach a screen, a log or an error. Every line that `Output` writes goes through
 * here, so a command that forgets is still safe.
 */

/** What can be a URL without a blank or quote in it. */
const word = /[^\s"'`]+/g;
/** `postgresql://user:`. A scheme is short; without a bound a long run of letters would be read over and over. */
const beforePassword = /[a-z][a-z0-9+.-]{0,30}:\/\/[^/:@]*:/i;
/** Neon's password and key shapes, wherever they stand. */
const bareSecret = /\b(npg|napi)_[A-Za-z0-9]{8,}/g;

/** The text with the password of every URL in it, and everything shaped like a Neon secret, masked. */
export function redact(text: string): string {
  return text.replace(word, withoutPassword).replace(bareSecret, "$1_****");
}

/** Up to the last @ of the word: a password may hold one itself. */
function withoutPassword(word: string): string {
  const end = word.lastIndexOf("@");
  if (end === -1) return word;
  const found = beforePassword.exec(word.slice(0, end));
  if (found === null) return word;
  return `${word.slice(0, found.index + found[0].length)}****${word.slice(end)}`;
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
