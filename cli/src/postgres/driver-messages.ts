/** What the driver tells of its own doing, which has no code (pg 8.23.1). */
const driverSays = [
  { says: /^Connection terminated/, means: "CONNECTION_LOST" },
  { says: /^Client has encountered a connection error/, means: "CONNECTION_LOST" },
  // The server repeats it, behind a sentence in its own language.
  { says: /No source stream defined/, means: "COPY_HAS_NO_INPUT" },
] as const;

export type DriverMeaning = (typeof driverSays)[number]["means"];

export const meaningOf = (message: string): DriverMeaning | undefined =>
  driverSays.find(({ says }) => says.test(message))?.means;
