/** The tables that a snapshot of drizzle-kit has, with their columns: what code of that state selects. */
export type SnapshotColumns = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Of both formats: v0's `tables`, by `schema.table` (an empty schema is public), and v1's `ddl`, a list of entities.
 *
 * @returns undefined where the text is neither
 */
export function snapshotColumns(text: string): SnapshotColumns | undefined {
  const { ddl, tables } = parsed(text);
  if (Array.isArray(ddl)) return fromEntities(ddl);
  if (typeof tables !== "object" || tables === null) return undefined;
  return new Map(
    Object.values(tables as Record<string, V0Table>).map(({ columns = {}, name, schema }) => [
      key(schema, name),
      new Set(Object.values(columns).map((column) => column.name)),
    ]),
  );
}

interface V0Table {
  name: string;
  schema?: string;
  columns?: Record<string, { name: string }>;
}

interface V1Entity {
  entityType?: string;
  schema?: string;
  table?: string;
  name?: string;
}

function fromEntities(ddl: V1Entity[]): SnapshotColumns {
  const found = new Map<string, Set<string>>();
  for (const { entityType, name = "", schema } of ddl) {
    if (entityType === "tables") found.set(key(schema, name), new Set());
  }
  for (const { entityType, name = "", schema, table = "" } of ddl) {
    if (entityType === "columns") found.get(key(schema, table))?.add(name);
  }
  return found;
}

const key = (schema: string | undefined, name: string): string => `${schema || "public"}.${name}`;

function parsed(text: string): { ddl?: unknown; tables?: unknown } {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
