import type { Context } from "../../context.ts";

interface Flags {
  target: string | undefined;
  pooled: boolean;
}

/** The one command whose purpose is the secret. */
export default async function url({ target, output }: Context, flags: Flags): Promise<void> {
  const { stage, branch, connectionUrl } = await target(flags.target);
  output.detail(`stage ${stage.name}, branch ${branch.name}`);
  const found = await connectionUrl({ pooled: flags.pooled });
  output.secretResult({ stage: stage.name, branch: branch.name, url: found }, found);
}
