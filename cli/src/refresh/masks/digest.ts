/**
 * All masks go by a digest of the secret and the value. The secret is a setting of the session, so that it
 * is in no statement's text; without the setting the statement fails. NULL gives NULL.
 */
export const digest = (value: string): string =>
  `sha256(convert_to(current_setting('ds.mask_key') || ${value}, 'UTF8'))`;
