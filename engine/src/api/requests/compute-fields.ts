import { z } from "zod";
import { isReservedSetting } from "../../postgres/reserved-settings.ts";
import { controlCharacter, ignored, optional } from "./fields.ts";

/** What a compute is given: its size, and settings of Postgres. */

const computeUnits = z.number().min(0.25, "must be at least 0.25");

/** These become arguments of Postgres; whether it takes the values, a start with them tells. */
export const pgSettings = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_.]{0,62}$/, "must be the name of a Postgres setting")
      .refine((name) => !isReservedSetting(name), "cannot be set: it is the engine's own"),
    z
      .string()
      .max(1000, "must have at most 1000 characters")
      .refine((value) => !controlCharacter.test(value), "must not hold control characters"),
  )
  .refine((value) => Object.keys(value).length <= 200, "must have at most 200 entries");

export const sizing = {
  autoscaling_limit_min_cu: optional(computeUnits),
  autoscaling_limit_max_cu: optional(computeUnits),
  suspend_timeout_seconds: optional(
    z.int().min(-1, "must be at least -1").max(604_800, "must be at most 604800"),
  ),
};

interface Sizing {
  autoscaling_limit_min_cu?: number | undefined;
  autoscaling_limit_max_cu?: number | undefined;
}

export const inOrder = (value: Sizing) =>
  value.autoscaling_limit_min_cu === undefined ||
  value.autoscaling_limit_max_cu === undefined ||
  value.autoscaling_limit_min_cu <= value.autoscaling_limit_max_cu;

export const notInOrder = "autoscaling_limit_min_cu must not be above autoscaling_limit_max_cu";

export const endpointSettings = z.object({
  pg_settings: optional(pgSettings),
  pgbouncer_settings: ignored.texts,
  preload_libraries: ignored.libraries,
});
