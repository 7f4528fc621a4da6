/** A name that PostgreSQL takes for an extension, and that is the same file on every file system. */
export const isExtensionName = (text: string): boolean =>
  text.length <= 63 && /^[a-z0-9_]+(-[a-z0-9_]+)*$/.test(text);
