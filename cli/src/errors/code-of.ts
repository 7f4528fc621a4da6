/**
 * The code of whatever was thrown: the system's (`ENOENT`), a server's SQLSTATE, our own; undefined where it
 * has none.
 */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}
