import { refuseProduction, refuseSharedCheckout } from "../access.ts";
import type { Answer } from "../answer.ts";
import { diffArguments, migrateArguments, statusArguments, undoArguments } from "../arguments.ts";
import type { ToolInput, ToolName } from "../tools.ts";
import { branchTool } from "./branch.ts";
import { runDs } from "./run-ds.ts";
import type { McpServices } from "./services.ts";
import { sqlTool } from "./sql.ts";

/** The call of a tool, with its input as its schema has taken it. */
export type Call = { [T in ToolName]: { tool: T; input: ToolInput<T> } }[ToolName];

/** @param hide the answer must not have this text in it */
export async function callTool(
  services: McpServices,
  call: Call,
  hide: (secret: string) => void,
): Promise<Answer> {
  if (call.tool === "sql") return sqlTool(services, call.input, hide);
  if (call.tool === "branch") return branchTool(services, call.input);
  const stage = await services.stage();
  refuseProduction(stage, await services.config());
  switch (call.tool) {
    case "status": {
      const [status, branches] = await Promise.all(
        statusArguments(call.input).map((args) => runDs(services, args)),
      );
      return { document: { ...status, ...(branches && { branches: branches.branches }) } };
    }
    case "migrate":
      if (call.input.action !== "plan") refuseSharedCheckout(stage);
      return { document: await runDs(services, migrateArguments(call.input)) };
    case "diff":
      return { document: await runDs(services, diffArguments(call.input)) };
    case "undo":
      refuseSharedCheckout(stage);
      return { document: await runDs(services, undoArguments(call.input)) };
  }
}
