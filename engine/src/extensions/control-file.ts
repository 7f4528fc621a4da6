/** What is read of an extension's control file ("Packaging Related Objects into an Extension" of PostgreSQL's manual). */
export interface ControlFile {
  defaultVersion: string | undefined;
  /** `module_pathname`: what `MODULE_PATHNAME` stands for in its scripts. */
  modulePath: string | undefined;
  /** Its scripts lie in a folder of their own. */
  directory: string | undefined;
  /** Whether its author says that a role without superuser rights may create it. */
  trusted: boolean;
}

const line = /^\s*([a-z_]+)\s*(?:=\s*|\s)(?:'((?:[^']|'')*)'|([^\s#']+))\s*(?:#.*)?$/i;

export function parseControlFile(text: string): ControlFile {
  const settings = new Map<string, string>();
  for (const found of text.split(/\r?\n/).map((each) => line.exec(each))) {
    const [, name = "", quoted, bare = ""] = found ?? [];
    settings.set(name.toLowerCase(), quoted?.replaceAll("''", "'") ?? bare);
  }
  return {
    defaultVersion: settings.get("default_version"),
    modulePath: settings.get("module_pathname"),
    directory: settings.get("directory"),
    trusted: /^(on|t|tr|tru|true|y|ye|yes|1)$/i.test(settings.get("trusted") ?? ""),
  };
}

/** The same control file for an extension that owners of a database may create: the last line counts. */
export const asTrusted = (text: string): string => `${text.trimEnd()}\ntrusted = true\n`;

/**
 * Names of the modules (shared libraries) that scripts load, without their suffix. `own` is the control file's, which
 * has to be there; the others may be those of older versions.
 */
export function modulesOf(
  { modulePath }: ControlFile,
  scripts: readonly string[],
): { own: string | undefined; others: string[] } {
  const own = simpleModule(modulePath ?? "");
  const named = scripts.flatMap((script) =>
    [...script.matchAll(/'(\$libdir\/[^']+)'/g)].map(([, path = ""]) => simpleModule(path)),
  );
  const others = new Set(named.filter((name) => name !== undefined && name !== own));
  return { own, others: [...others] as string[] };
}

/** Of `$libdir/vector`: only such a path is looked up in `dynamic_library_path`. */
const simpleModule = (path: string): string | undefined =>
  /^\$libdir\/([\w.+-]+?)(?:\.(?:so|dylib|dll))?$/.exec(path)?.[1];
