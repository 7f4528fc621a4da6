import { merged, type Schema } from "./api-description.ts";

/** `tolerated`: the description leaves it open, or does not know better; a failure would be wrong. */
export type Kind = "valid" | "invalid" | "tolerated";

export interface Sample {
  kind: Kind;
  why: string;
  value: unknown;
}

const valid = (why: string, value: unknown): Sample => ({ kind: "valid", why, value });
const invalid = (why: string, value: unknown): Sample => ({ kind: "invalid", why, value });
const tolerated = (why: string, value: unknown): Sample => ({ kind: "tolerated", why, value });

const day = 24 * 60 * 60 * 1000;
const inDays = (days: number) => new Date(Date.now() + days * day).toISOString();

const name = (longest: number) => [
  valid("shortest", "x"),
  valid("longest", "n".repeat(longest)),
  valid("any script", "Ünïcode 名 'quoted' \"double\" \\ % $1"),
  invalid("empty", ""),
  invalid("too long", "n".repeat(longest + 1)),
  invalid("NUL", "a\0b"),
  invalid("line break", "a\nb"),
  invalid("half a character", "a\ud800b"),
];

const lsn = [
  valid("first", "0/1"),
  tolerated("largest", "FFFFFFFF/FFFFFFFF"),
  ...["", "x", "0", "0/", "/0", "0/G", "123456789/0", "0/1 "].map((text) =>
    invalid("no LSN", text),
  ),
];

/**
 * What the description says of a field in words only, or not at all: a plain string there, but an
 * identifier of Postgres, a position in the log, a moment with limits. By the end of a field's path.
 */
const meanings: Record<string, Sample[]> = {
  "role.name": name(63),
  "branch.role_name": name(63),
  "database.name": name(63),
  "branch.database_name": name(63),
  "database.owner_name": name(63),
  preserve_under_name: [...name(256).filter(({ why }) => why !== "empty"), valid("none", "")],
  parent_lsn: lsn,
  source_lsn: lsn,
  lsn,
  base_lsn: lsn,
  expires_at: [
    valid("soon", inDays(0.01)),
    valid("late", inDays(29.9)),
    valid("another zone", inDays(5).replace("Z", "+00:00")),
    invalid("past", inDays(-1)),
    invalid("too late", inDays(31)),
    ...["", "tomorrow", "2030-01-01", "2030-02-30T00:00:00Z"].map((text) => invalid("none", text)),
  ],
  init_source: [
    valid("data", "parent-data"),
    valid("schema", "schema-only"),
    invalid("other", "none"),
    invalid("empty", ""),
  ],
  // "If omitted or empty": the default branch.
  parent_id: [valid("none", ""), invalid("bad pattern", "A"), invalid("too long", "a".repeat(61))],
  format: [valid("SQL", "sql"), valid("JSON", "json"), invalid("other", "xml")],
  cursor: [valid("none", ""), invalid("made up", "x"), invalid("made up", "e30")],
  db_name: [valid("absent", "no such"), valid("long", "n".repeat(2000)), invalid("empty", "")],
  "maintenance_window.weekdays": [
    valid("all", [1, 2, 3, 4, 5, 6, 7]),
    valid("none", []),
    invalid("no such day", [8]),
    invalid("text", ["1"]),
  ],
  email: [
    valid("an address", "casey@example.com"),
    invalid("no address", "casey"),
    invalid("empty", ""),
    invalid("too long", `${"c".repeat(256)}@example.com`),
    invalid("line break", "casey@example.com\n"),
  ],
  pg_version: [
    valid("this", 18),
    invalid("too old", 13),
    invalid("to come", 19),
    invalid("text", "18"),
  ],
  pg_settings: [
    valid("none", {}),
    valid("some", { work_mem: "5MB", "a.b": "it's" }),
    invalid("a number", { work_mem: 5 }),
    invalid("no value of its kind", { work_mem: "five" }),
    invalid("unknown", { no_such_setting: "on" }),
    invalid("no name", { "work mem": "1MB" }),
    invalid("an option", { "-c": "1" }),
    invalid("the engine's own", { port: "1" }),
    invalid("line break", { work_mem: "5MB\n" }),
  ],
};

const anyId = [
  invalid("capitals", "A"),
  invalid("too long", "a".repeat(61)),
  invalid("empty", ""),
  invalid("a path", "../../etc"),
  invalid("line break", "a\n"),
];

/** Values for a field: boundaries, what is just beyond them, and what has another type. */
export function samplesOf(schema: Schema, field: string): Sample[] {
  const known = Object.keys(meanings).find((end) => `.${field}`.endsWith(`.${end}`));
  const whole = merged(schema);
  return [...(known ? (meanings[known] ?? []) : byType(whole)), ...otherTypes(whole)];
}

function byType(schema: Schema): Sample[] {
  if (schema.enum) {
    return [
      ...schema.enum.map((value) => valid("one of those", value)),
      invalid("none of those", "other"),
      invalid("empty", ""),
    ];
  }
  if (schema.type === "boolean") return [valid("yes", true), valid("no", false)];
  if (schema.type === "integer" || schema.type === "number") return numbers(schema);
  if (schema.type === "string") return strings(schema);
  if (schema.type === "array") return [valid("empty", [])];
  const values = schema.additionalProperties;
  if (schema.properties || typeof values !== "object") return [valid("empty", {})];
  const entries = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`key ${i}`, "value"]));
  const most = schema.maxProperties;
  return [
    valid("empty", {}),
    valid("one", entries(1)),
    invalid("a number", { key: 1 }),
    ...(most ? [valid("most", entries(most)), invalid("too many", entries(most + 1))] : []),
  ];
}

function numbers({ type, minimum, maximum }: Schema): Sample[] {
  const step = type === "integer" ? 1 : 0.01;
  return [
    ...(minimum === undefined
      ? [valid("zero", 0)]
      : [valid("least", minimum), invalid("too little", minimum - step)]),
    ...(maximum === undefined
      ? [tolerated("huge", Number.MAX_SAFE_INTEGER)]
      : [valid("most", maximum), invalid("too much", maximum + step)]),
    ...(type === "integer" ? [invalid("a fraction", (minimum ?? 0) + 1.5)] : []),
    invalid("text", "1"),
  ];
}

function strings({ format, pattern, minLength, maxLength }: Schema): Sample[] {
  if (pattern === "^[a-z0-9-]{1,60}$") {
    return [valid("unknown", "a"), valid("longest", "a".repeat(60)), ...anyId];
  }
  if (format === "date-time") {
    return [
      valid("past", "2026-01-02T03:04:05Z"),
      valid("another zone", "2026-01-02T03:04:05.678+02:00"),
      ...["", "yesterday", "2026-01-02", "2026-13-01T00:00:00Z"].map((text) =>
        invalid("none", text),
      ),
    ];
  }
  if (format === "uuid") {
    return [valid("unknown", "00000000-0000-4000-8000-000000000000"), invalid("none", "x")];
  }
  if (maxLength !== undefined && minLength === 1) return name(maxLength);
  return [valid("some", "some text"), tolerated("long", "x".repeat(5000)), tolerated("NUL", "\0")];
}

function otherTypes({ type, enum: values, nullable }: Schema): Sample[] {
  const others: Record<string, unknown> = {
    string: "text",
    number: 12345.5,
    boolean: true,
    array: [],
    object: {},
  };
  delete others[type === "integer" ? "number" : (type ?? (values ? "string" : "object"))];
  return [
    ...Object.entries(others).map(([other, value]) => invalid(`a ${other}`, value)),
    // Neon's API takes null for an absent field.
    nullable ? valid("null", null) : tolerated("null", null),
  ];
}
