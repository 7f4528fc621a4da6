import { createBranch } from "../../../branches/io/create-branch.ts";
import { deleteBranch } from "../../../branches/io/delete-branch.ts";
import { checkChosenName } from "../../../branches/names.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { parseDuration } from "../../../lib/format/duration.ts";
import { branchNamed } from "../../../neon/lookup.ts";
import type { Branch } from "../../../neon/model.ts";
import { requireProject } from "../../../stages/io/project.ts";
import { isMadeHere, refuseEphemeral, refuseSharedCheckout, usualTtl } from "../access.ts";
import type { Answer } from "../answer.ts";
import { resetArguments } from "../arguments.ts";
import type { ToolInput } from "../tools.ts";
import { runDs } from "./run-ds.ts";
import type { McpServices } from "./services.ts";

const longestTtl = "7d";

/** Branches beside the checkout's own. Only those that this tool has made in a checkout of the stage are deleted. */
export async function branchTool(
  services: McpServices,
  input: ToolInput<"branch">,
): Promise<Answer> {
  switch (input.action) {
    case "list":
      return { document: { branches: (await ownBranches(services)).map(described) } };
    case "create":
      return create(services, required(input.name, "name"), input);
    case "delete":
      return remove(services, required(input.name, "name"));
    case "reset":
      refuseSharedCheckout(await services.stage());
      return { document: await runDs(services, resetArguments) };
  }
}

const described = ({ name, createdAt, expiresAt }: Branch) => ({
  name,
  createdAt,
  expiresAt: expiresAt ?? null,
});

async function create(
  services: McpServices,
  name: string,
  { from, ttl = usualTtl }: ToolInput<"branch">,
): Promise<Answer> {
  checkChosenName(name);
  const ttlMs = parseDuration(ttl);
  if (ttlMs > parseDuration(longestTtl)) {
    throw new DsError("USAGE", `ttl ${ttl} is longer than ${longestTtl}`);
  }
  const { name: owner } = await services.developer();
  const { branch: own, branches, stage, project } = await services.target();
  const parent = from === undefined ? own : branchNamed(branches, from, project.name);
  refuseEphemeral(parent);
  if (stage.project !== (await services.config()).project) refuseSharedCheckout(stage);
  const made = await createBranch(services, {
    name,
    from: parent.id,
    at: undefined,
    ttl: ttlMs,
    endpoint: true,
    maker: { by: "mcp", owner, stage: stage.name },
  });
  return {
    document: { created: { ...described(made.branch), parent: parent.name } },
    note: `Made ${name} from ${parent.name}. Work with it: sql with branch "${name}".`,
  };
}

async function remove(services: McpServices, name: string): Promise<Answer> {
  const own = await ownBranches(services);
  if (!own.some((branch) => branch.name === name)) {
    throw new DsError("REFUSED", `${name} is no branch that this tool has made here`, {
      reason: "NOT_OWN_BRANCH",
      hint: "See which those are: action list",
    });
  }
  const { branch } = await deleteBranch(services, name, true);
  return { document: { deleted: { id: branch.id, name: branch.name } }, note: `Deleted ${name}.` };
}

async function ownBranches(services: McpServices): Promise<Branch[]> {
  const [config, stage, neon] = [
    await services.config(),
    await services.stage(),
    await services.neon(),
  ];
  const project = await requireProject(services, config.project);
  const branches = await neon.listBranches(project.id);
  return branches.filter((branch) => isMadeHere(branch, stage.name));
}

function required(value: string | undefined, what: string): string {
  if (value !== undefined) return value;
  throw new DsError("USAGE", `this action needs a ${what}`, { reason: "FLAG_MISSING" });
}
