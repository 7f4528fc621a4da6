import type { ColumnType } from "../model/column-type.ts";

/** Values that a check may let in, to try masks on where production has few or none. */
const texts = [
  ...["a", "B", "7", "ab", "DE", "42", "abc", "USD", "123", "A1b", "open", "2024", "en-US"],
  ...["ABCDE", "10115", "a-b-c", "AB-12", "secret", "123456", "AB12CD", "de-x-one", "SW1A 1AA"],
  ...["+14155550100", "+49 170 1234567", "0301234567", "(030) 123-4567", "4111111111111111"],
  ...[
    "x@y.io",
    "ann.lee@corp.example",
    "Ann Lee",
    "ann_lee",
    "#a1b2c3",
    "some words of a sentence",
  ],
  ...[
    "https://corp.example/a",
    "http://corp.example",
    "203.0.113.7",
    "2a00:1450::7",
    "corp.example",
  ],
  ...[
    "c56a4180-65aa-42ec-a945-5fd21dec0538",
    "0123456789abcdef0123456789abcdef",
    "true",
    "2024-01-31",
  ],
  ...[
    "{}",
    "/a/b",
    "1.5",
    "-3",
    "DE89370400440532013000",
    "A long text. It has several sentences, and commas.",
  ],
];

const numbers = ["0", "1", "2", "7", "12", "42", "365", "1234", "12345", "123456789", "-5"];

/**
 * As text; none for types whose masks do not depend on what the value looks like.
 *
 * @param allowed texts that a check lists
 */
export function syntheticValues(
  { family, array, precision, length = Number.POSITIVE_INFINITY }: ColumnType,
  allowed: readonly string[] = [],
): string[] {
  if (array) return [];
  if (family === "text") return [...allowed, ...texts].filter((text) => text.length <= length);
  if (family !== "integer" && family !== "number") return [];
  const digits = precision ? precision[0] - precision[1] : 4;
  return numbers.filter((text) => text.replace("-", "").length <= digits);
}
