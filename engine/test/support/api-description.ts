import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { parse } from "yaml";

/** The parts of an OpenAPI 3.0 document that a check of answers needs. */
interface Description {
  paths: Record<string, Record<string, unknown>>;
  components: { schemas: Record<string, Schema>; responses: Record<string, ResponseObject> };
}

interface Operation {
  responses: Record<string, ResponseObject | { $ref: string }>;
}

interface ResponseObject {
  content?: Record<string, { schema?: Schema }>;
}

export interface Schema {
  $ref?: string;
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  type?: "string" | "integer" | "number" | "boolean" | "array" | "object";
  format?: string;
  pattern?: string;
  enum?: unknown[];
  required?: string[];
  nullable?: boolean;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxProperties?: number;
}

const file = join(
  dirname(createRequire(import.meta.url).resolve("@neondatabase/api-client/package.json")),
  "public-v2-for-users.gen.yaml",
);
export const description = readDescription();

/** To take the document apart costs half a second, which within a run of the tests one file does for all. */
function readDescription(): Description {
  const run = process.env.DS_TEST_RUN;
  const kept = run === undefined ? undefined : join(run, "cache", "api-description.json");
  if (kept !== undefined && existsSync(kept)) return JSON.parse(readFileSync(kept, "utf8"));
  const read: Description = parse(readFileSync(file, "utf8"));
  if (kept !== undefined) {
    mkdirSync(dirname(kept), { recursive: true });
    const whole = `${kept}.${process.pid}`;
    writeFileSync(whole, JSON.stringify(read));
    renameSync(whole, kept);
  }
  return read;
}

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
// The description says "int" once where it means int64.
ajv.addFormat("int", { type: "number", validate: Number.isInteger });
ajv.addSchema({ $id: "description", components: description.components });

const compiled = new WeakMap<Schema, ValidateFunction>();

/** Path templates, those without parameters first: /projects/shared is not /projects/{project_id}. */
const templates = Object.keys(description.paths)
  .map((path) => ({
    path,
    parameters: path.split("{").length,
    pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, "[^/]+")}$`),
  }))
  .sort((a, b) => a.parameters - b.parameters);

export interface Answer {
  method: string;
  /** Below /api/v2, without the query. */
  path: string;
  status: number;
  contentType: string | null;
  /** As text; empty for an answer without a body. */
  body: string;
}

/**
 * What is wrong with an answer, by the official description of the API: a route or status that it
 * does not know, a field missing or of another type, a field nobody has described. Empty: all right.
 */
export function violations(answer: Answer): string[] {
  const template = templates.find(({ pattern }) => pattern.test(answer.path))?.path;
  const operation =
    template === undefined
      ? undefined
      : (description.paths[template]?.[answer.method.toLowerCase()] as Operation | undefined);
  if (operation === undefined && answer.status < 400) {
    return [`the description has no ${answer.method} ${answer.path}`];
  }
  const response = operation
    ? (operation.responses[answer.status] ?? operation.responses.default)
    : // A route or method that does not exist is answered with the general error, too.
      { $ref: "#/components/responses/GeneralError" };
  if (operation && answer.status < 400 && !(answer.status in operation.responses)) {
    return [`status ${answer.status} is not described for ${answer.method} ${template}`];
  }
  if (response === undefined) return [`status ${answer.status} is not described`];
  return bodyViolations("$ref" in response ? follow(response.$ref) : response, answer);
}

function bodyViolations(response: ResponseObject, answer: Answer): string[] {
  const schema = response.content?.["application/json"]?.schema;
  if (schema === undefined) return answer.body === "" ? [] : ["a body where none is described"];
  if (!answer.contentType?.startsWith("application/json")) {
    return [`content type ${answer.contentType} instead of application/json`];
  }
  let value: unknown;
  try {
    value = JSON.parse(answer.body);
  } catch {
    return ["the body is not JSON"];
  }
  const validate = compiled.get(schema) ?? ajv.compile(absolute(schema));
  compiled.set(schema, validate);
  const wrong = validate(value) ? [] : (validate.errors ?? []).map(sentence);
  return [...wrong, ...undescribed(schema, value, "")];
}

function sentence(error: ErrorObject): string {
  return `${error.instancePath || "the body"} ${error.message ?? error.keyword}`;
}

/** A response's schema refers to "#/components/...", which ajv knows under the document's own name. */
function absolute(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"description#/'));
}

export function follow<T>(reference: string): T {
  let at: unknown = description;
  for (const step of reference.replace("#/", "").split("/")) {
    at = (at as Record<string, unknown>)[step];
  }
  return at as T;
}

/** Fields that the description does not name: the schemas allow them, so a slip would go unseen. */
function undescribed(schema: Schema, value: unknown, at: string): string[] {
  if (Array.isArray(value)) {
    const { items } = merged(schema);
    return items ? value.flatMap((item, index) => undescribed(items, item, `${at}/${index}`)) : [];
  }
  if (typeof value !== "object" || value === null) return [];
  const { properties, additionalProperties } = merged(schema);
  if (properties === undefined && additionalProperties === undefined) return [];
  return Object.entries(value).flatMap(([name, field]) => {
    const known = properties?.[name] ?? additionalProperties;
    if (known === undefined || known === false) return [`${at}/${name} is not described`];
    return known === true ? [] : undescribed(known, field, `${at}/${name}`);
  });
}

/** One schema out of a reference or an allOf, with all the properties of its parts. */
export function merged(schema: Schema): Schema {
  const parts = [
    ...(schema.$ref ? [follow<Schema>(schema.$ref)] : []),
    ...(schema.allOf ?? []),
  ].map(merged);
  const properties = Object.assign({}, ...parts.map((part) => part.properties), schema.properties);
  const whole: Schema = Object.assign({}, ...parts, schema);
  return Object.keys(properties).length > 0 ? { ...whole, properties } : whole;
}
