import { existsSync } from "node:fs";
import { join } from "node:path";
import { tool } from "../../../scripts/test-support/needs.ts";
import { madeTool as made } from "../../../scripts/tools-folder.mjs";
import { knownSource } from "../../src/engine/extensions/sources.ts";

export const actionlint = tool("actionlint", () => made("go-bin", "actionlint"));

export const moto = tool("moto", () => made("python", "bin", "moto_server"));

/** The wheel that has pgvector for this machine. */
export const vectorWheel = tool("the wheel with pgvector", () => {
  const wheel = knownSource("vector", 18)?.wheels[`${process.platform}-${process.arch}`];
  return wheel && made("wheels", wheel.file);
});

/** The real Pulumi: the folder of its programs, and the packages of infra/. */
export const pulumi = tool("Pulumi's command line", () => {
  const bin = made("pulumi-3.248.0", "bin");
  const packages = made("infra", "node_modules");
  const programs = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"];
  if (!bin || !packages || !programs.every((name) => existsSync(join(bin, name)))) return undefined;
  return { bin, packages };
});

/** The packages of husky, lefthook and simple-git-hooks. */
export const hookManagers = tool("husky, lefthook and simple-git-hooks", () =>
  made("hook-managers", "node_modules"),
);

/** Prisma's command line and its adapter for pg, which runs its engine of WebAssembly: its other ones are not on npm. */
export const prisma = tool("Prisma", () => made("prisma", "node_modules"));

/** The official inspector of servers of the Model Context Protocol. */
export const mcpInspector = tool("the MCP inspector", () =>
  made("mcp-inspector", "node_modules", ".bin", "mcp-inspector"),
);
