import { fileURLToPath } from "node:url";

/** The script that starts this very ds; in the build, beside which it lies. */
export const ownScript = (): string => fileURLToPath(new URL("../bin/ds.js", import.meta.url));
