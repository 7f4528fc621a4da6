import { serveMcp } from "../agents/mcp/io/serve.ts";
import type { AppContext } from "../app-context.ts";
import { DsError } from "../errors/ds-error.ts";

/** A server for agents, which speaks the Model Context Protocol on stdin and stdout. */
export default async function mcp(context: AppContext): Promise<void> {
  if (context.output.json) {
    throw new DsError(
      "USAGE",
      "--json has no meaning for a server, whose stdout is the protocol's",
    );
  }
  await serveMcp(context);
}
