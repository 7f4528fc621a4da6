import { spaced } from "./sensitive.ts";

/**
 * Whether a text column may be proposed to stay as it is. The end of a name tells little: `postal_code` and
 * `recovery_code` are codes as `currency_code` is one. What sounds personal is never kept; of the rest only
 * names that mean the same everywhere, or columns whose values say so themselves.
 */

/** As the last words of a name: values of these come out of a standard or a program, never from a person. */
const harmless = [
  ...[
    "currency",
    "currency code",
    "country code",
    "country iso",
    "language",
    "language code",
    "lang",
  ],
  ...["locale", "time zone", "timezone", "mime type", "content type", "media type", "error code"],
  ...["http status", "http method", "log level", "api version", "schema version", "sort direction"],
  ...["colour", "color"],
];

/** Words after which nothing is harmless by its name, nor by values that many rows share. */
const personal = new RegExp(
  `\\b(${[
    // where somebody lives or is
    "postal|post|postcode|zip|plz|address|addr|street|city|town|village|county|district|province|suburb",
    "neighbou?rhood|home|location|geo|coordinates?|lat|lng|latitude|longitude|nationality|citizenship|visa",
    // who somebody is
    "\\w*name|family|maiden|person|people|patient|handle|login|mail|e ?mail|phone|mobile|cell|tel|fax|ip",
    "author|company|organi[sz]ation|employer",
    "birth\\w*|dob|age|gender|sex|sexual|pronouns?|marital|marriage|spouse|partner|child|children|parent",
    "race|racial|ethnic\\w*|religion|religious|politic\\w*|union|party|orientation|blood|genetic|biometric",
    // health and trouble
    "health|medical|medication|drug|diagnos\\w*|disease|illness|symptoms?|condition|allerg\\w*|disability",
    "treatment|therapy|icd|pregnan\\w*|vaccin\\w*|insurance|criminal|conviction|arrest|immigration|military",
    // numbers and money of a person
    "tax|vat|ein|tin|ssn|sin|nin|passport|licen[cs]e|national|identity|id card|iban|bic|swift|routing|bank",
    "sort code|branch code|card|cvv|cvc|salary|wage|income|credit|debt|loan|bonus|payroll",
    // what opens a door
    "pin|puk|otp|totp|mfa|2fa|recovery|backup|reset|verification|verify|confirmation|confirm|activation",
    "unlock|access|auth|authori[sz]ation|security|secure|secret|token|password|passwd|pwd|passcode|passphrase",
    "key|hash|salt|digest|signature|session|cookie|magic|invite\\w*|invitation|referral|share\\w*|sharing",
    "join|meeting|door|gate|alarm|entry|pairing|device|license key|serial|imei|voucher|coupon|gift|promo",
    "redeem|redemption|discount|ticket|booking|reservation|pnr|tracking|claim|link|url|uri|href|slug",
    "signup|registration|enrol\\w*|private|personal|confidential|webhook|callback",
  ].join("|")})\\b`,
);

export const soundsPersonal = (column: string): boolean => personal.test(wordsOf(column));

/** `user_currency_code`: the harmless words at the end count only where nothing before them is personal. */
export function isHarmlessName(column: string): boolean {
  const name = wordsOf(column);
  const end = harmless
    .filter((words) => name === words || name.endsWith(` ${words}`))
    .reduce((longest, words) => (words.length > longest.length ? words : longest), "");
  if (end === "") return false;
  return !personal.test(name.slice(0, -end.length));
}

/** Compounds that are written as one word, too: `zipcode`, `pincode`, `shareLink`. */
const wordsOf = (column: string): string =>
  spaced(column).replace(/(?<=\w)(code|number|id|link|status|url|token|key|hash)\b/g, " $1");
