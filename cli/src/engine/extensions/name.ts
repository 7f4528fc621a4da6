import { DsError } from "../../errors/ds-error.ts";

/** As the engine takes it: it becomes the name of a folder. */
export const isExtensionName = (text: string): boolean =>
  text.length <= 63 && /^[a-z0-9_]+(-[a-z0-9_]+)*$/.test(text);

export function checkExtensionName(name: string): void {
  if (isExtensionName(name)) return;
  throw new DsError("USAGE", `"${name}" is not the name of an extension`, {
    reason: "NAME_INVALID",
    hint: "Names are lower-case letters, digits, underscores and single hyphens, such as vector.",
  });
}
