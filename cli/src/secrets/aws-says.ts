import { meaningOf, type Sayings } from "../lib/text/sayings.ts";

/** AWS' failures have names; these are the two whose name covers more than what is meant. Of its SDK 3. */
const awsSays: Sayings<"NO_REGION" | "NAME_BEING_DELETED"> = [
  // An Error without a name or a code of its own.
  { says: /^Region is missing$/, means: "NO_REGION" },
  // An InvalidRequestException: You can't create this secret because a secret with this name is already scheduled for deletion.
  { says: /scheduled for deletion/, means: "NAME_BEING_DELETED" },
];

export const awsMeans = (message: string) => meaningOf(awsSays, message);
