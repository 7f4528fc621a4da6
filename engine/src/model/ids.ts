import { randomBytes, randomInt } from "node:crypto";

/**
 * Ids of the shapes that Neon uses, so that clients which tell names from ids by their looks are
 * right here too: `br-quiet-river-a1b2c3d4`, `ep-quiet-river-a1b2c3d4`, `quiet-river-12345678`.
 */
const adjectives =
  "amber ancient autumn billowing bitter black blue bold broad broken calm cold cool crimson curly damp dark dawn delicate divine dry empty falling fancy flat floral fragrant frosty gentle green hidden holy icy jolly late lingering little lively long lucky misty morning muddy mute nameless noisy odd old orange patient plain polished proud purple quiet rapid raspy red restless rough round royal shiny shy silent small snowy soft solitary sparkling spring square steep still summer super sweet tight tiny twilight wandering weathered white wild winter wispy withered yellow young".split(
    " ",
  );
const nouns =
  "art band bar base bird block boat bonus bread breeze brook bush butterfly cake cell cherry cloud credit darkness dawn dew disk dream dust feather field fire firefly flower fog forest frog frost glade glitter grass hall hat haze heart hill king lab lake leaf limit math meadow mode moon morning mountain mouse mud night paper pine poetry pond queen rain recipe resonance rice river salad scene sea shadow shape silence sky smoke snow snowflake sound star sun sunset surf term thunder tooth tree truth union unit violet voice water waterfall wave wildflower wind wood".split(
    " ",
  );

const pick = (words: string[]) => words[randomInt(words.length)] as string;
const letters = "abcdefghijklmnopqrstuvwxyz0123456789";
const suffix = (length: number) =>
  Array.from({ length }, () => letters[randomInt(letters.length)]).join("");

export const newProjectId = () =>
  `${pick(adjectives)}-${pick(nouns)}-${randomInt(10_000_000, 99_999_999)}`;
export const newBranchId = () => `br-${pick(adjectives)}-${pick(nouns)}-${suffix(8)}`;
export const newSnapshotId = () => `snap-${pick(adjectives)}-${pick(nouns)}-${suffix(8)}`;
export const newEndpointId = () => `ep-${pick(adjectives)}-${pick(nouns)}-${suffix(8)}`;
export const newDataDir = () => suffix(16);
export const newBranchName = () => `${pick(adjectives)}-${pick(nouns)}-${suffix(6)}`;
export const newDatabaseId = () => randomInt(1_000_000, 2_000_000_000);

/** 96 bits, in an alphabet that survives URLs and shells unquoted. */
export const newPassword = () => `npg_${suffix(19)}`;
export const newSecret = () => randomBytes(32).toString("base64url");
