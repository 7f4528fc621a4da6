import type { ColumnType, Family } from "../model/column-type.ts";

/**
 * Which columns somebody has to have looked at. By type: whatever can hold words can hold a person's, so
 * text, JSON, addresses, bytes and every type that is not known here. Booleans, numbers, times, enums and
 * UUIDs cannot, by themselves: they are let through, unless their name says that they are somebody's number,
 * birthday or secret.
 */
const wordless = new Set<Family>([
  "integer",
  "number",
  "boolean",
  "date",
  "timestamp",
  "uuid",
  "enum",
  "plain",
]);

/**
 * Words of a name, together where only that tells; whatever the type (booleans excepted). `*`: whatever the
 * word ends in. Digits of a name do not count: `card_last4`.
 */
const numbersOfPersons = [
  ...[
    "ssn",
    "sin",
    "nino",
    "bsn",
    "cpf",
    "cnpj",
    "curp",
    "nif",
    "nie",
    "pesel",
    "aadhaar",
    "personnummer",
  ],
  ...[
    "social security",
    "tax id",
    "tax number",
    "tin",
    "national id",
    "id number",
    "passport",
    "licence number",
  ],
  ...[
    "license number",
    "driver license",
    "iban",
    "account number",
    "routing number",
    "card number",
    "ccn",
  ],
  ...[
    "cvv",
    "cvc",
    "pan",
    "phone",
    "mobile",
    "cell",
    "fax",
    "telephone",
    "tel",
    "msisdn",
    "salary",
    "wage",
  ],
  ...[
    "income",
    "compensation",
    "lat",
    "latitude",
    "lng",
    "lon",
    "longitude",
    "zip",
    "postcode",
    "postal code",
  ],
  ...["birth*", "bday", "dob", "yob", "born", "age", "pin", "imei", "imsi", "iccid", "mrn"],
  ...["ip", "ip address", "ip addr", "contact number", "contact no", "whatsapp", "telegram id"],
  ...["medical record", "insurance number", "patient number", "employee number", "employee no"],
  ...["vat id", "vat number", "vat no", "tax no", "bank account", "account no", "card last"],
  ...["card no", "credit card", "last four"],
];
/** Where they are references that the database knows of they are let through. */
const idsOfPersons = ["national id", "citizen id", "person id", "patient id"];
const daysOfPersons = ["birth*", "bday", "dob", "born", "death", "died", "deceased"];
const secrets = ["token", "secret", "password", "api key", "otp"];
/** Also as the number of a kind; a picture has an orientation as well. */
const codesOfPersons = ["gender", "sex", "religion", "ethnicity", "race", "marital", "disability"];
const kindsOfPersons = [...codesOfPersons, "orientation", "blood"];
/** Of text in keys and in tables that everybody shares, where a plain name is nothing personal. */
const wordsOfPersons = [
  ...[
    "email",
    "mail",
    "username",
    "login",
    "first name",
    "last name",
    "full name",
    "surname",
    "nickname",
  ],
  ...["address", "street", "handle", "user name", "screen name", "nick"],
];

/** Names of whole numbers that are a person's, as `spaced` writes them; `*` at the end: whatever follows. */
export const namesOfNumbers = [...numbersOfPersons, ...idsOfPersons, ...codesOfPersons, ...secrets];

const byFamily: Partial<Record<Family, string[]>> = {
  integer: namesOfNumbers,
  number: [...numbersOfPersons, ...idsOfPersons],
  date: daysOfPersons,
  timestamp: daysOfPersons,
  uuid: [...idsOfPersons, "device id", ...secrets],
  enum: kindsOfPersons,
};

export const isWordless = ({ family }: ColumnType): boolean => wordless.has(family);

/** `ssn bigint`, `date_of_birth date`: no words in it, and yet somebody's own. */
export function looksLikePii(column: string, { family }: ColumnType): boolean {
  const name = spaced(column);
  // How many there are of something, or that there is one, is not the thing itself.
  if (/ (count|total|type|kind|length|format)$/.test(name)) return false;
  const own = wordless.has(family)
    ? (byFamily[family] ?? [])
    : [...numbersOfPersons, ...secrets, ...wordsOfPersons];
  return own.some((words) => ` ${name} `.includes(` ${words} `.replace("* ", "")));
}

/** `dateOfBirth`, `date_of_birth2` -> `date of birth`. */
export const spaced = (name: string): string =>
  name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/[_\-\d]+/g, " ")
    .trim()
    .toLowerCase();

/** Text that somebody writes, of any length. */
export const soundsLong = (column: string): boolean =>
  /\b(body|content|contents|text|message|comments?|notes?|description|html|markdown|document|payload|data|raw|transcript|summary|bio|biography|about|answer|question|remarks?)\b/.test(
    spaced(column),
  );
