import type { Shape } from "../model/observed.ts";
import { isAddress } from "./addresses.ts";
import { han, hangul, kana, lower, upper } from "./letters.ts";
import { hasPeople, isName } from "./names.ts";
import {
  all,
  type Condition,
  contains,
  hasDigit,
  hasLength,
  hasSpace,
  isForeign,
  matches,
  some,
} from "./pattern.ts";
import { isCapabilityUrl, isSecret } from "./secrets.ts";

const isCard = matches(
  String.raw`(^|[^+\d])[3-6]\d{3}([ -]?\d{4}){2}[ -]?\d{1,7}($|[^\d])`,
  String.raw`(^|[^+\d])3[47]\d{2}[ -]?\d{6}[ -]?\d{5}($|[^\d])`,
);
const isPhone = some(
  matches(String.raw`^(?!\d{4}-\d\d-\d\d|\d+\.\d+$)(\+|\(|0)?[0-9][-0-9 ()./]{6,18}$`),
  matches(String.raw`\+\d[-\d ()./]{6,16}\d`),
  matches(
    String.raw`(^|[^\d])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}($|[^\d])`,
    String.raw`(^|[^\d.-])0\d{1,4}[ /-]\d{3,}([ -]?\d{2,})*($|[^\d.-])`,
  ),
);

/**
 * In this order: the first that fits counts, so that what is hidden in a sentence comes before the sentence. A server
 * keeps 32 compiled patterns: no stage has more than that.
 */
const stages: [Shape, Condition][][] = [
  [
    [
      "uuid",
      all(hasLength(36, 36), matches("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")),
    ],
    [
      "ip",
      all(
        hasLength(3, 43),
        matches(
          String.raw`^(\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F]{1,4}(:[0-9a-fA-F]{0,4}){2,7})(/\d+)?$`,
        ),
      ),
    ],
    ["link", all(contains("://"), isCapabilityUrl)],
    ["email", all(contains("@"), matches(String.raw`[^@\s]+@[^@\s]+\.[A-Za-z]{2,}`))],
    ["url", all(contains("://"), matches("^[A-Za-z][A-Za-z0-9+.-]*://"))],
    [
      "iban",
      all(
        hasLength(15),
        hasDigit,
        matches(String.raw`\m[A-Z]{2}\d{2}( ?[A-Z\d]{4}){2,7} ?[A-Z\d]{1,4}\M`),
      ),
    ],
    ["card", all(hasLength(13), hasDigit, isCard)],
    ["secret", isSecret],
  ],
  [
    ["address", isAddress],
    ["phone", all(hasLength(7), hasDigit, isPhone)],
    ["name", isName],
  ],
  [
    ["person", hasPeople],
    [
      "file",
      matches(String.raw`^(%PDF-|\\211PNG|\\377\\330\\377|GIF8[79]a|RIFF|PK\\003\\004|\\037\\213)`),
    ],
    ["prose", all(hasSpace, matches(String.raw`^\S+(\s+\S+){4}`))],
    ["prose", all(isForeign, hasLength(15), matches(`^[^ ]*[${han}${kana}${hangul}]{15}`))],
    ["prose", all(hasLength(60), matches(`^[${upper}${lower} ]+$`))],
  ],
];

/**
 * SQL of the values `v` of a relation, with the `shape` of each, NULL where it has none. All values go through a stage
 * before the next begins, as the sort needs them all: one by one, each would have its patterns compiled anew.
 */
export const shapedSql = (values: string): string =>
  stages.reduce(
    (from, conditions) =>
      `(select s.v, case when s.shape is not null then s.shape ${conditions
        .map(([shape, condition]) => `when ${condition("s.v")} then '${shape}'`)
        .join(" ")} end as shape from ${from} s order by 2 offset 0)`,
    `(select d.v, null::text as shape from ${values} d)`,
  );
