import { DsError } from "../errors/ds-error.ts";

/** Whoever follows a hint to the letter must not migrate another stage than the one it is about. */
export function hintOnTarget(error: unknown, target: string | undefined): unknown {
  if (!(error instanceof DsError) || error.hint === undefined || target === undefined) return error;
  const hint = error.hint.replaceAll("`ds db migrate`", `\`ds db migrate --target ${target}\``);
  return hint === error.hint ? error : error.with({ hint });
}
