/** What of pip's settings says where packages come from. */
export interface PipSettings {
  /** Base URL of the index. */
  indexUrl: string;
  /** A file of certificates to trust instead of the usual ones. */
  cert: string | undefined;
  /** pip asks no index. */
  noIndex: boolean;
}

/** Where pip looks where nothing says otherwise. */
const publicIndex = "https://pypi.org/simple/";

/** What variables say, as text. */
export interface PipVariables {
  indexUrl: string | undefined;
  cert: string | undefined;
  noIndex: string | undefined;
}

/**
 * pip's settings: those of its files, the later before the earlier, and variables before all of them.
 *
 * @param files their texts, in the order in which pip reads them
 */
export function pipSettings(files: readonly string[], variables: PipVariables): PipSettings {
  const found = new Map<string, string>();
  for (const section of ["global", "install"]) {
    for (const file of files) {
      for (const [key, value] of settingsIn(file, section)) found.set(key, value);
    }
  }
  const of = (variable: string | undefined, key: string) => variable || found.get(key) || undefined;
  return {
    indexUrl: of(variables.indexUrl, "index-url") ?? publicIndex,
    cert: of(variables.cert, "cert"),
    noIndex: /^(1|true|yes|on|y|t)$/i.test(of(variables.noIndex, "no-index") ?? ""),
  };
}

/** Of one section of an INI file, as Python's configparser reads it; keys in pip's own form. */
function settingsIn(text: string, wanted: string): Map<string, string> {
  const found = new Map<string, string>();
  let section = "";
  for (const line of text.split(/\r?\n/)) {
    const header = /^\[([^\]]+)\]/.exec(line)?.[1];
    if (header !== undefined) section = header;
    const [, key, value = ""] = /^([^\s#;[=:][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (section !== wanted || key === undefined) continue;
    found.set(key.toLowerCase().replaceAll("_", "-").replace(/^--/, ""), value);
  }
  return found;
}
