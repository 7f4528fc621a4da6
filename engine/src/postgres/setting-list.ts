/** Settings whose values are lists of names that Postgres keeps quoted (`GUC_LIST_QUOTE`). */
const lists = new Set([
  "local_preload_libraries",
  "search_path",
  "session_preload_libraries",
  "shared_preload_libraries",
  "temp_tablespaces",
  "unix_socket_directories",
]);

/**
 * A setting's stored value as the texts that `SET … TO` takes. Not every list is checked when it is
 * stored: what is no name goes on as text, too.
 */
export function settingTexts(name: string, stored: string): string[] {
  if (!lists.has(name.toLowerCase())) return [stored];
  const elements = stored.match(/\s*(?:"(?:[^"]|"")*"|[^,])+/g) ?? [""];
  return elements.map((element) => {
    const text = element.trim();
    const quoted = /^"((?:[^"]|"")*)"$/.exec(text)?.[1];
    return quoted === undefined ? text : quoted.replaceAll('""', '"');
  });
}
