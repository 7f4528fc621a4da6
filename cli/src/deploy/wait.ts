import { parseDuration } from "../lib/format/duration.ts";

/** --wait: for how long to wait while others are at work on the same stage. */
export const parseWait = (flag: string | undefined): number => parseDuration(flag ?? "5m");
