import type { AppContext } from "../../app-context.ts";
import { lookAtStage } from "../../doctor/status/io/look.ts";
import { statusText } from "../../doctor/status/status.ts";

interface Flags {
  target: string | undefined;
  wake: boolean;
}

export default async function status(context: AppContext, flags: Flags): Promise<void> {
  const document = await lookAtStage(context, flags);
  context.output.result({ ...document }, (style) => statusText(document, style, Date.now()));
}
