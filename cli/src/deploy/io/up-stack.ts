import type { Stacks } from "../../pulumi/io/stacks.ts";
import { progressLine } from "../../pulumi/output.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { publicUrl } from "../github-actions.ts";
import type { StageWork } from "./stage-work.ts";

export interface StackStep {
  name: string;
  backend: string;
  created: boolean;
  changed: boolean;
  summary: string[];
  outputs: Record<string, unknown>;
  /** The program's output `url`, when it is a web page's. */
  url: string | undefined;
}

/** What the program is told. The secret's name, never what is in it. */
export const stackConfig = ({ stage, secretName }: StageWork, branchId: string) => ({
  stage: stage.name,
  branchId,
  secretName,
});

export async function upStack(
  { output }: Pick<Runtime, "output">,
  stacks: Stacks,
  work: StageWork,
  branchId: string,
): Promise<StackStep> {
  const { stage, waitMs } = work;
  if (await stacks.lacksPackages()) {
    await output.step("Installing the packages of the Pulumi program", () =>
      stacks.install((line) => output.detail(line)),
    );
  }
  const waiting = {
    waitMs,
    onWait: () => output.note(`another update has the stack ${stage.name}; waiting for it`),
  };
  const created = await stacks.create(stage.name, {
    ...waiting,
    onLine: output.detail.bind(output),
  });
  if (created) output.done(`Created the stack ${stage.name}`);
  const { changed, summary } = await output.step(`Bringing up the stack ${stage.name}`, (step) =>
    stacks.up(stage.name, {
      ...waiting,
      config: stackConfig(work, branchId),
      onLine: (line) => {
        step.update(progressLine(line));
        output.detail(line);
      },
    }),
  );
  const outputs = await stacks.outputs(stage.name);
  return {
    name: await stacks.fullName(stage.name),
    backend: await stacks.backend(),
    ...{ created, changed, summary, outputs },
    url: publicUrl(outputs.url),
  };
}
