import { join } from "node:path";
import { root } from "../bootstrap.mjs";

/** Where the schemas of what commands print are committed; apart from what writes them, which loads TypeScript. */
export const schemasFile = join(root, "cli/src/runtime/documents/schemas.json");
