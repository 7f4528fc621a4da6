import { meaningOf, type Sayings } from "../lib/text/sayings.ts";

/** What the driver tells of its own doing, which has no code (pg 8.23.1). */
const driverSays: Sayings<"CONNECTION_LOST" | "TIMED_OUT"> = [
  { says: /^Connection terminated/, means: "CONNECTION_LOST" },
  { says: /^Client has encountered a connection error/, means: "CONNECTION_LOST" },
  { says: /^timeout expired$/, means: "TIMED_OUT" },
];

export const driverMeans = (message: string) => meaningOf(driverSays, message);
