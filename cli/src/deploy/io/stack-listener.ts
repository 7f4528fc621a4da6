import type { Step } from "../../runtime/output.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Deployment } from "../deployment.ts";
import { progressLine } from "../pulumi/output.ts";
import type { UpdateListener } from "../pulumi/update.ts";

/** Shows how an update of the stage's stack goes on, behind the title of a step where there is one. */
export function stackListener(
  { output }: Pick<Runtime, "output">,
  { stage }: Deployment,
  step?: Step,
): UpdateListener {
  return {
    waiting: () => output.note(`another update has the stack ${stage.name}; waiting for it`),
    line: (text) => {
      step?.update(progressLine(text));
      output.detail(text);
    },
  };
}
