import { description, follow, type Schema } from "./api-description.ts";

/** One operation of the API as its official description has it. */
export interface DescribedOperation {
  id: string;
  method: string;
  /** Like /projects/{project_id}. */
  path: string;
  parameters: { name: string; in: "path" | "query"; required: boolean; schema: Schema }[];
  body?: { required: boolean; schema: Schema };
}

interface RawOperation {
  operationId: string;
  parameters?: RawParameter[];
  requestBody?: { $ref: string } | RawBody;
}

type RawParameter = { $ref: string } | DescribedOperation["parameters"][number];

interface RawBody {
  required?: boolean;
  content: { "application/json": { schema: Schema } };
}

const resolve = <T extends object>(value: T | { $ref: string }): T =>
  "$ref" in value ? follow<T>(value.$ref) : value;

/** The engine's routes have their own names for the parameters: only the shape is compared. */
const shapeOf = (path: string) => path.replace(/\{[^}]+\}|:\w+/g, "*");

/** The described operations that these routes ("GET /projects/:project") serve; throws for others. */
export function operationsOf(routes: string[]): DescribedOperation[] {
  return routes.map((route) => {
    const [method = "", served = ""] = route.split(" ");
    const path = Object.keys(description.paths).find((path) => shapeOf(path) === shapeOf(served));
    const item = description.paths[path ?? ""] as Record<string, unknown> | undefined;
    const raw = item?.[method.toLowerCase()] as RawOperation | undefined;
    if (path === undefined || raw === undefined) throw new Error(`${route} is not described`);
    const shared = (item?.parameters ?? []) as RawParameter[];
    const body = raw.requestBody && resolve<RawBody>(raw.requestBody);
    return {
      id: raw.operationId,
      method,
      path,
      parameters: [...shared, ...(raw.parameters ?? [])].map((parameter) => resolve(parameter)),
      ...(body && {
        body: { required: body.required ?? false, schema: body.content["application/json"].schema },
      }),
    };
  });
}
