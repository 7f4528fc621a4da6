import { merged, type Schema } from "./api-description.ts";
import type { DescribedOperation } from "./request-description.ts";
import { type Kind, type Sample, samplesOf } from "./request-values.ts";

/** What a request is made of, before it is sent. */
export interface RequestParts {
  /** Values of the path's parameters, not yet encoded. */
  path: Record<string, string>;
  query: Record<string, string>;
  /** Undefined: no body at all. Text goes as it is. */
  body?: unknown;
}

/** One change to a request that is right otherwise. */
export interface Form {
  /** Like "body endpoint.settings.pg_settings"; one place has several forms. */
  place: string;
  kind: Kind;
  why: string;
  apply(base: RequestParts): RequestParts;
}

export function formsOf(operation: DescribedOperation): Form[] {
  return [...operation.parameters.flatMap(parameterForms), ...bodyForms(operation)];
}

function parameterForms(parameter: DescribedOperation["parameters"][number]): Form[] {
  const { name, required, schema } = parameter;
  const part = parameter.in;
  const samples = part === "path" ? pathSamples(name, schema) : querySamples(name, schema);
  const forms = samples.map(({ kind, why, value }): Form => {
    const changed = { [name]: String(value) };
    return {
      place: `${part} ${name}`,
      kind,
      why,
      apply: (base) => ({ ...base, [part]: { ...base[part], ...changed } }),
    };
  });
  if (part === "path") return forms;
  const without: Form = {
    place: `query ${name}`,
    kind: required ? "invalid" : "valid",
    why: "absent",
    apply: ({ query, ...base }) => {
      const { [name]: _, ...others } = query;
      return { ...base, query: others };
    },
  };
  return [...forms, without];
}

/** Every name may be asked for; one that cannot exist is not found, as one that does not. */
function pathSamples(name: string, schema: Schema): Sample[] {
  const isName = name === "role_name" || name === "database_name";
  const tolerated = (why: string, value: string): Sample => ({ kind: "tolerated", why, value });
  if (!isName) return texts(samplesOf(schema, name)).filter(({ value }) => value !== "");
  return [
    tolerated("unknown", "no such"),
    tolerated("long", "n".repeat(1000)),
    tolerated("NUL", "a\0b"),
    tolerated("a path", "../../etc/passwd"),
    tolerated("quotes", `"; drop table x; --'`),
  ];
}

function querySamples(name: string, schema: Schema): Sample[] {
  const samples = samplesOf(schema, name);
  if (schema.type === "string") return texts(samples);
  const wrong = ["", "x", "1e1", "0x10", " 1", "-", "null"];
  return [
    ...samples.filter(({ value }) => typeof value === schema.type || typeof value === "number"),
    ...wrong.map((value): Sample => ({ kind: "invalid", why: `"${value}"`, value })),
  ].filter(({ value }) => schema.type !== "boolean" || typeof value !== "number");
}

const texts = (samples: Sample[]) => samples.filter(({ value }) => typeof value === "string");

function bodyForms({ body }: DescribedOperation): Form[] {
  if (body === undefined) return [];
  const whole = (kind: Kind, why: string, value: unknown): Form => ({
    place: "body",
    kind,
    why,
    apply: (base) => ({ ...base, body: value }),
  });
  const isOptional = (merged(body.schema).required ?? []).length === 0;
  return [
    ...["{", "{]", "nonsense", '{"a":1,}', "'{}'", "\u0000"].map((text) =>
      whole("invalid", "no JSON", text),
    ),
    ...["[]", "1", "null", '"text"', "true"].map((text) =>
      whole("invalid", `${text} for an object`, text),
    ),
    whole("invalid", "larger than 1 MiB", `{"a":"${"x".repeat(1024 * 1024)}"}`),
    whole(isOptional ? "valid" : "invalid", "absent", undefined),
    whole(isOptional ? "valid" : "invalid", "empty", {}),
    {
      ...whole("valid", "an unknown property", undefined),
      // The description does not forbid them.
      apply: (base) => ({ ...base, body: { ...(base.body as object), unknown: [{ a: 1 }] } }),
    },
    ...propertyForms(body.schema, []),
  ];
}

function propertyForms(schema: Schema, above: string[]): Form[] {
  const { properties = {}, required = [] } = merged(schema);
  return Object.entries(properties).flatMap(([name, property]) => {
    const path = [...above, name];
    const place = `body ${path.join(".")}`;
    const forms = samplesOf(property, path.join(".")).map(
      ({ kind, why, value }): Form => ({
        place,
        // An object that needs fields is not valid without them; a field that must be there, not null.
        kind:
          why === "empty" && needsFields(property)
            ? "invalid"
            : value === null && required.includes(name) && kind === "tolerated"
              ? "invalid"
              : kind,
        why,
        apply: (base) => ({ ...base, body: changed(base.body, path, value) }),
      }),
    );
    const without: Form = {
      place,
      kind: required.includes(name) ? "invalid" : "valid",
      why: "absent",
      apply: (base) => ({ ...base, body: changed(base.body, path, undefined) }),
    };
    const { items } = merged(property);
    const within = items ? itemForms(items, path) : propertyForms(property, path);
    return [...forms, without, ...within];
  });
}

function itemForms(items: Schema, path: string[]): Form[] {
  const isObject = merged(items).properties !== undefined;
  const place = `body ${path.join(".")}`;
  const wrong: Form = {
    place,
    kind: "invalid",
    why: "an item of another type",
    apply: (base) => ({ ...base, body: changed(base.body, path, [isObject ? "text" : {}]) }),
  };
  return [wrong, ...(isObject ? propertyForms(items, [...path, "0"]) : [])];
}

const needsFields = (schema: Schema) => (merged(schema).required ?? []).length > 0;

/** The smallest right values of what has to stand beside a field, by the name of what holds it. */
const beside: Record<string, object> = {
  "0": { type: "read_write" },
  maintenance_window: { weekdays: [1], start_time: "01:00", end_time: "02:00" },
};

function changed(body: unknown, path: string[], value: unknown): unknown {
  const [name = "", ...rest] = path;
  const copy: Record<string, unknown> = Array.isArray(body)
    ? (Object.assign([], body) as never)
    : { ...(body as object) };
  if (rest.length > 0) {
    const inner = copy[name] ?? (rest[0] === "0" ? [] : (beside[name] ?? {}));
    copy[name] = changed(inner, rest, value);
  } else if (value === undefined) delete copy[name];
  else copy[name] = value;
  return copy;
}
