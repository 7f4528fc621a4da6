import type { AppContext } from "../../app-context.ts";
import { listStages } from "../../deploy/io/list.ts";
import { listDocument, listText } from "../../deploy/list-report.ts";

/** Every cloud stage, with what each source knows of it. */
export default async function list(context: AppContext): Promise<void> {
  const found = await listStages(context);
  context.output.result(listDocument(found), (style) => listText(found, style));
}
