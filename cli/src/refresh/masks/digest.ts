/**
 * Masks go by a digest of the secret and the value. The secret is a setting of the session, so that it is in no
 * statement's text; without the setting the statement fails. It is read once for a statement, not once for a value:
 * Postgres works a subquery out once where it depends on no row. NULL gives NULL.
 */
export const digest = (value: string): string =>
  `sha256(textsend((select current_setting('ds.mask_key')) || ${value}))`;

/** One byte of a digest of the secret and these words alone: worked out once for a statement. */
export const secretByte = (words: string): string =>
  `(select get_byte(sha256(textsend(current_setting('ds.mask_key') || '${words}')), 8))`;
