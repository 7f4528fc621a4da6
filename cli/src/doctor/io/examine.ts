import type { HasConfig } from "../../config/project-config.ts";
import type { HasEngine } from "../../engine/io/daemon.ts";
import type { HasGit } from "../../lib/git/io/git.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasEnvFile } from "../../stages/io/env-file.ts";
import type { HasTarget } from "../../stages/io/target.ts";
import type { Finding } from "../findings.ts";
import { examineCheckout } from "./checkout.ts";
import { Examination } from "./examination.ts";
import { examineServers } from "./servers.ts";

/** Looks at everything that can be wrong; changes nothing, but starts the engine and wakes the branch. */
export async function examine(
  context: Runtime & HasConfig & HasEnvFile & HasGit & HasTarget & HasNeon & HasEngine,
): Promise<readonly Finding[]> {
  const examination = new Examination();
  const config = await examineCheckout(context, examination);
  await examineServers(context, examination, config);
  return examination.findings;
}
