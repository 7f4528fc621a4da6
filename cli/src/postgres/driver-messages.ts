import { meaningOf, type Sayings } from "../lib/text/sayings.ts";

/** What the driver tells of its own doing, which has no code (pg 8.23.1). */
const driverSays: Sayings<"CONNECTION_LOST"> = [
  { says: /^Connection terminated/, means: "CONNECTION_LOST" },
  { says: /^Client has encountered a connection error/, means: "CONNECTION_LOST" },
];

export const driverMeans = (message: string) => meaningOf(driverSays, message);
