import { StartError } from "../../lib/start-error.ts";
import { type Damage, damageText } from "../home-damage.ts";

/** A home that something is missing from is not served: what is wrong is told, and nothing is removed. */
export function refuseDamages(damages: readonly Damage[]): void {
  if (damages.length === 0) return;
  throw new StartError(
    "CONFIG_INVALID",
    damageText(damages),
    "Put it back from a backup, or see what ds can mend: ds doctor --repair",
    "HOME_DAMAGED",
  );
}
