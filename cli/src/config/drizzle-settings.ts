import { redact } from "../lib/text/redact.ts";

/** In the order in which drizzle-kit looks for them; the others it has to be told of with --config. */
const foundByItself = ["drizzle.config.ts", "drizzle.config.js", "drizzle.config.json"];
export const drizzleConfigNames = [
  ...foundByItself,
  ...["mts", "mjs", "cts", "cjs"].map((ending) => `drizzle.config.${ending}`),
];

/** Where the ledger is when nobody says otherwise: Drizzle's own defaults for PostgreSQL. */
export const defaultLedger = { schema: "drizzle", table: "__drizzle_migrations" };
export type LedgerPart = keyof typeof defaultLedger;
type LedgerName = Record<LedgerPart, string>;

/** What of a drizzle config counts here, with drizzle-kit's defaults. `out` is relative to where drizzle-kit runs. */
export interface DrizzleSettings extends LedgerName {
  out: string;
}

export interface Unusable {
  /** Why. */
  unusable: string;
  /** Where it is for another kind of database. */
  dialect?: unknown;
}

/** The settings of an evaluated drizzle config. */
export function drizzleSettings(value: unknown): DrizzleSettings | Unusable {
  if (typeof value !== "object" || value === null) {
    return { unusable: "its default export is not an object" };
  }
  const { dialect, out = "drizzle", migrations } = value as Record<string, unknown>;
  if (dialect === undefined) return { unusable: "it names no dialect" };
  if (dialect !== "postgresql") {
    return { unusable: `its dialect is ${JSON.stringify(dialect)}, not "postgresql"`, dialect };
  }
  const settings = { out, ...defaultLedger, ...withoutGaps(migrations ?? {}) };
  const wrong = Object.entries(settings).find(([, text]) => typeof text !== "string" || !text);
  if (wrong === undefined) return settings as DrizzleSettings;
  return { unusable: `its ${wrong[0] === "out" ? "out" : `migrations.${wrong[0]}`} is not a name` };
}

function withoutGaps({ schema, table }: { schema?: unknown; table?: unknown }): object {
  return { ...(schema !== undefined && { schema }), ...(table !== undefined && { table }) };
}

/** What an evaluation failed with, in a line of its own. */
export function shortReason(message: string): string {
  const line = redact(message).replace(/\s+/g, " ").trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

/** Whether the text of a module holds a password or a key, and so must not be kept. */
export function holdsCredential(code: string): boolean {
  return (
    redact(code) !== code ||
    /\b(password|secretArn|authToken|token|key)["']?\s*:\s*["'`]/i.test(code)
  );
}

/** The parts of the ledger's name that were left to the default, and that Drizzle's own configuration has otherwise. */
export function differingParts(
  assumed: readonly LedgerPart[],
  used: LedgerName,
  drizzle: LedgerName,
): LedgerPart[] {
  return assumed.filter((part) => used[part] !== drizzle[part]);
}

/** Settings as they are to be written into the section `migrations` of ds.config.ts. */
export function ledgerLine(parts: readonly LedgerPart[], ledger: LedgerName): string {
  return parts.map((part) => `${part}: ${JSON.stringify(ledger[part])}`).join(", ");
}

/** drizzle-kit's generator, for a folder with these files; undefined where it has no configuration there. */
export function drizzleGenerator(files: readonly string[]): string | undefined {
  const config = drizzleConfigNames.find((name) => files.includes(name));
  if (config === undefined) return undefined;
  const told = foundByItself.includes(config) ? "" : ` --config ${config}`;
  return `npx --no-install drizzle-kit generate${told}`;
}
