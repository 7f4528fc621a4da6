import { isExtensionName } from "../../engine/extensions/name.ts";
import { knownSources } from "../../engine/extensions/sources.ts";
import { splitStatements } from "./split-statements.ts";

/** What a migration's SQL takes of an extension. */
export interface ExtensionUse {
  extension: string;
  /** It creates the extension; else it uses a type of it. */
  creates: boolean;
  /** Where the statement begins, in UTF-16 units. */
  start: number;
}

/** The extension that a statement creates; undefined where it creates none. */
export function createdExtension(statement: string): string | undefined {
  const [, quoted, word] =
    /^\s*create\s+extension\s+(?:if\s+not\s+exists\s+)?(?:"((?:[^"]|"")+)"|([a-z_\u0080-\uffff][\w$\u0080-\uffff]*))/i.exec(
      statement,
    ) ?? [];
  return quoted?.replaceAll('""', '"') ?? word?.toLowerCase();
}

/** The known extension whose column type a statement uses, as Drizzle writes it: `vector(1536)`. */
export function extensionOfType(statement: string): string | undefined {
  const isDefinition = /^\s*(create|alter)\s+table\b/i.test(statement);
  if (!isDefinition) return undefined;
  const uses = (type: string) => new RegExp(`[\\s."]${type}"?\\s*\\(\\s*\\d`, "i").test(statement);
  return knownSources.find(({ types }) => types.some(uses))?.name;
}

/** In the order of the file. What a block executes is not seen. */
export function extensionsIn(sql: string): ExtensionUse[] {
  return splitStatements(sql).flatMap(({ start, end }) => {
    const statement = sql.slice(start, end);
    const created = createdExtension(statement);
    const extension = created ?? extensionOfType(statement);
    return extension === undefined ? [] : [{ extension, creates: created !== undefined, start }];
  });
}

/** What has the local engine's running branches get an extension. A name that is none is not repeated. */
export function addExtensionCommand(extension: string): string {
  const name = isExtensionName(extension) ? extension : "<name>";
  const isKnown = knownSources.some((source) => source.name === extension);
  return `ds engine extension add ${name} ${isKnown ? "" : "--from <package> "}--now`;
}

export const createExtensionSql = (extension: string): string =>
  `CREATE EXTENSION IF NOT EXISTS ${extension};`;
