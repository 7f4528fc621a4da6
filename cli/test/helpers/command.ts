import { fileURLToPath } from "node:url";
import { type Ended, Program } from "../../../scripts/test-support/program.ts";

const dsProgram = fileURLToPath(new URL("../../bin/ds.js", import.meta.url));

/** What of the caller's shell would lead the command to another database or change its ways. */
const hidden = /^(DS_|NEON_|PG|DATABASE_URL|DEVSTRIDE_|CI$|GITHUB_)/;

/** The caller's environment without that. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !hidden.test(name)));
}

/** Starts the built command in a folder, with an environment that names no stage and no API. */
export function startDs(cwd: string, args: string[], env: NodeJS.ProcessEnv, input = ""): Program {
  return new Program(process.execPath, [dsProgram, ...args], {
    cwd,
    env: { ...plainEnvironment(), NO_COLOR: "1", ...env },
    input,
  });
}

export const ds = (cwd: string, args: string[], env: NodeJS.ProcessEnv): Promise<Ended> =>
  startDs(cwd, args, env).ended;
