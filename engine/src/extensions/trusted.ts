import { type EngineError, unprocessable } from "../lib/engine-error.ts";
import type { ControlFile } from "./control-file.ts";

/**
 * Extensions beside Postgres' own that Neon lets owners create although their authors do not mark them as trusted
 * (compute-node.Dockerfile of neondatabase/neon). None of them reads or writes files, runs programs or opens connections.
 */
const safe = new Set([
  "address_standardizer",
  "h3",
  "hll",
  "hypopg",
  "ip4r",
  "pg_hashids",
  "pg_jsonschema",
  "pg_roaringbitmap",
  "pg_uuidv7",
  "pgrouting",
  "pgtap",
  "pgx_ulid",
  "postgis",
  "postgis_topology",
  "prefix",
  "roaringbitmap",
  "rum",
  "semver",
  "unit",
  "vector",
]);

/** Whether ds says that owners may create it. */
export const isSafe = (name: string): boolean => safe.has(name);

/** Nobody outside the engine is a superuser: an extension that only one may create would be of no use. */
export function trustRefusal(name: string, control: ControlFile): EngineError | undefined {
  if (control.trusted || isSafe(name)) return undefined;
  return unprocessable(
    "EXTENSION_NOT_TRUSTED",
    `only a superuser may create the extension ${name}, and branches have none, as on Neon: neither do its authors mark it as trusted, nor does ds know it to be safe`,
  );
}
