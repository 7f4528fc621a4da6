import { describe, expect, test } from "vitest";
import { partsOf } from "../../../lib/format/name-lists.ts";
import { quoteIdentifier, quoteLiteral } from "../../../postgres/quote.ts";
import { isHarmlessName, soundsPersonal } from "../../masks/keepable.ts";
import { maskCode } from "../../masks/mask-code.ts";
import { looksLikePii, spaced } from "../../masks/sensitive.ts";
import { fittingMasks, type Known } from "../../masks/suggest.ts";
import { type ColumnType, columnType } from "../../model/column-type.ts";
import { keyText, nameOf, shownColumn, shownPart } from "../../model/names.ts";
import { finderOf, mostExact, patternOf } from "./patterns.ts";

const suggested = (name: string, type: ColumnType, known: Known): string | undefined =>
  fittingMasks(name, type, known).map(maskCode)[0];

const users = { schema: "public", name: "users" };
const events = { schema: "audit", name: "user_events" };

describe("which rule counts", () => {
  const of = (texts: string[], table: typeof users, column: string) =>
    mostExact(finderOf(texts.map((text) => patternOf(text, text, "column")))(table, column)).map(
      ({ rule }) => rule,
    );
  test.each<[string[], typeof users, string, string[]]>([
    [["users.*", "*.phone"], users, "phone", ["*.phone"]],
    [["users.*", "*.phone", "users.phone"], users, "phone", ["users.phone"]],
    [["*.*", "users.*"], users, "x", ["users.*"]],
    [["*.ph*", "*.phone", "users.p*"], users, "phone", ["*.phone"]],
    [["*.ph*", "users.p*"], users, "phone", ["*.ph*"]],
    [["*.*_email", "*.work_*"], users, "work_email", ["*.*_email"]],
    [["*.*ab", "*.ba*"], users, "bab", ["*.*ab", "*.ba*"]],
    [["us*.x", "*.x"], users, "x", ["us*.x"]],
    [["users.x"], { ...users, schema: "audit" }, "x", []],
    [["audit.*.x", "*.x"], events, "x", ["audit.*.x"]],
    [["*.*.x", "*.x"], events, "x", ["*.*.x", "*.x"]],
    [["user_events.x"], events, "x", []],
    [["audit.user_events.x", "*.user_events.x"], events, "x", ["audit.user_events.x"]],
    [["users.x"], users, "X", []],
    [["users.a+b"], users, "a+b", ["users.a+b"]],
    [["users.a+*"], users, "aab", []],
    [[`users."e.mail"`, "users.*"], users, "e.mail", [`users."e.mail"`]],
    [[`users."*"`], users, "x", []],
    [[`"users".x`, `"*".x`], users, "x", [`"users".x`]],
  ])("%j for %j.%s", (texts, table, column, expected) => {
    expect(of(texts, table, column)).toEqual(expected);
  });
});

test.each([
  ["character varying(80)", "text", "character varying", 80, false],
  ["character(4)", "text", "character", 4, false],
  ["character", "text", "character", 1, false],
  ["text[]", "text", "text", undefined, true],
  ["public.citext", "text", "public.citext", undefined, false],
  ["public.mail", "text", "character varying", 60, false],
  ["public.mails", "text", "text", undefined, true],
  ["public.mood", "enum", "public.mood", undefined, false],
  ["public.mood[]", "enum", "public.mood", undefined, true],
  ["timestamp(3) with time zone", "timestamp", "timestamp with time zone", undefined, false],
  ["time without time zone", "plain", "time without time zone", undefined, false],
  ["interval day to second", "plain", "interval day to second", undefined, false],
  ["bit varying(8)", "plain", "bit varying", undefined, false],
  ['"char"', "plain", '"char"', undefined, false],
  ["tstzrange", "plain", "tstzrange", undefined, false],
  ["int8multirange", "plain", "int8multirange", undefined, false],
  ["public.vector(3)", "other", "public.vector", undefined, false],
  ["point", "other", "point", undefined, false],
  ["oid", "other", "oid", undefined, false],
])("type %s", (type, family, base, length, array) => {
  const known = {
    enums: { "public.mood": ["a"] },
    domains: { "public.mail": "character varying(60)", "public.mails": "text[]" },
  };
  expect(columnType(type, known)).toMatchObject({ family, base, length, array });
});

test.each([
  ["dateOfBirth", "date of birth"],
  ["home_phone_2", "home phone"],
  ["IBAN", "iban"],
  ["user-name", "user name"],
])("%s is read as %s", (name, words) => expect(spaced(name)).toBe(words));

test.each([
  ["page", "integer", false],
  ["age", "integer", true],
  ["single", "integer", false],
  ["spanish", "integer", false],
  ["birth_date", "date", true],
  ["created_at", "date", false],
  ["gender", "enum", true],
  ["status", "enum", false],
  ["phone_count", "integer", false],
  ["ip_address", "integer", true],
  ["patient_id", "integer", true],
  ["medical_record_number", "integer", true],
  ["bank_account", "integer", true],
  ["vat_id", "integer", true],
  ["vat", "number", false],
  ["tax_no", "integer", true],
  ["tax", "number", false],
  ["gender", "integer", true],
  ["ethnicity", "integer", true],
  ["orientation", "integer", false],
  ["card_last4", "integer", true],
  ["card_id", "integer", false],
  ["imsi", "integer", true],
  ["telegram_id", "integer", true],
  ["contact_number", "integer", true],
  ["contact_id", "integer", false],
  ["employee_number", "number", true],
  ["employee_id", "integer", false],
  ["order_number", "integer", false],
  ["bday", "date", true],
  ["died_on", "date", true],
  ["birthDateTime", "timestamp", true],
  ["birthyear", "integer", true],
  ["national_id", "uuid", true],
  ["person_id", "uuid", true],
  ["device_id", "uuid", true],
  ["organization_id", "uuid", false],
  ["device_id", "integer", false],
  ["handle", "text", true],
] as const)("%s %s", (name, family, expected) => {
  const type = { family, array: false, base: "", length: undefined, precision: undefined };
  expect(looksLikePii(name, type)).toBe(expected);
});

test.each([
  ["work_email", "text", {}, "mask.email()"],
  ["firstName", "text", {}, 'mask.name({ part: "first" })'],
  ["status", "text", {}, "mask.text()"],
  ["status", "text", { common: true }, "mask.keep()"],
  ["marital_status", "text", { common: true }, "mask.text()"],
  ["zipcode", "text", { common: true }, "mask.token()"],
  ["diagnosis_code", "text", { common: true }, "mask.token()"],
  ["shareLink", "text", { common: true }, "mask.url()"],
  ["country_code", "text", {}, "mask.keep()"],
  ["billingCurrency", "text", {}, "mask.keep()"],
  ["bank_country_code", "text", {}, "mask.token()"],
  ["owner_type", "text", { typeOfPair: true }, "mask.keep()"],
  ["name", "text", { person: true }, "mask.name()"],
  ["name", "text", { person: false }, "mask.text()"],
  ["document_language", "text", {}, "mask.keep()"],
  ["document_language", "text", { various: true }, "mask.text()"],
  ["display_name", "text", { person: false }, "mask.text()"],
  ["ipaddress", "text", {}, "mask.ip()"],
  ["body", "text", {}, "mask.text()"],
  ["body", "text", { unique: true }, "mask.text({ unique: true })"],
  ["full_name", "text", { unique: true }, "mask.token()"],
  ["body", "text", { shape: "email" as const }, "mask.email()"],
  ["payload", "json", {}, "mask.json()"],
  ["ssn", "integer", {}, "mask.token()"],
  ["salary", "number", {}, "mask.number()"],
  ["birthday", "date", {}, "mask.date()"],
  ["place", "other", {}, "mask.null()"],
  ["photo", "bytea", {}, "mask.null()"],
  ["photo", "bytea", { unique: true, notNull: true }, "mask.token()"],
  ["gender", "enum", { allowed: ["f", "m"] }, 'mask.dictionary(["f", "m"])'],
  ["status", "text", { allowed: ["open", "closed"] }, "mask.keep()"],
  ["marital_status", "text", { allowed: ["single"] }, 'mask.dictionary(["single"])'],
  ["photo", "bytea", { notNull: true }, 'mask.constant("")'],
  ["bill_to_customer_name", "text", {}, "mask.name()"],
  ["last_sign_in_ip", "text", {}, "mask.ip()"],
  ["ip_addr", "inet", {}, "mask.ip()"],
  ["ip_addr", "inet", { unique: true }, "mask.token()"],
  ["mac", "macaddr", { unique: true, notNull: true }, "mask.token()"],
  ["pin", "integer", { unique: true, notNull: true }, "mask.token()"],
  ["age", "integer", { unique: true }, "mask.token()"],
  ["birthday", "date", { unique: true, notNull: true }, "mask.date({ unique: true })"],
  [
    "gender",
    "enum",
    { allowed: ["f", "m"], unique: true },
    'mask.dictionary(["f", "m"], { unique: true })',
  ],
  ["gender", "enum", { unique: true, notNull: true }, undefined],
  ["status", "text", { allowed: ["a"], unique: true }, "mask.keep()"],
  ["place", "other", { notNull: true }, undefined],
  ["email", "text", { refused: ["mask.email()"] }, "mask.token()"],
] as const)("%s %s %j: %s", (name, family, known, code) => {
  const type = { family, array: false, base: "", length: undefined, precision: undefined };
  expect(suggested(name, type, known)).toBe(code);
});

test.each([
  ["homepage", 30, true, "mask.token()"],
  ["homepage", 30, false, "mask.token()"],
  ["homepage", 32, true, "mask.url()"],
  ["ip", 13, false, "mask.token()"],
  ["phone", 15, true, "mask.token()"],
  ["phone", 15, false, "mask.phone()"],
  ["email", 12, true, "mask.email()"],
  ["homepage", 11, true, "mask.null()"],
  ["tag", 3, true, "mask.code()"],
  ["email", 3, true, "mask.null()"],
])("%s of %i characters, unique: %s: %s", (name, length, unique, code) => {
  const type = columnType(`character varying(${length})`, { enums: {}, domains: {} });
  expect(suggested(name, type, { unique })).toBe(code);
});

test.each([
  ["users", ["users"]],
  ["audit.events.id", ["audit", "events", "id"]],
  [`"odd.t able""q"."e.mail addr"`, [`odd.t able"q`, "e.mail addr"]],
  [`*."*"`, ["*", "*"]],
  [`half"open.x`, [`half"open`, "x"]],
])("the parts of %s", (text, parts) => expect(partsOf(text).map(nameOf)).toEqual(parts));

test("names that have to be quoteIdentifier", () => {
  expect(["a,b", " a", "a b"].map(shownPart)).toEqual([`"a,b"`, `" a"`, "a b"]);
  const odd = { schema: "a.b", name: `t able"q` };
  expect(shownColumn(odd, "e.mail addr")).toBe(`"a.b"."t able""q"."e.mail addr"`);
  expect(keyText(shownColumn(odd, "x"))).toBe(`'"a.b"."t able""q".x'`);
  expect(keyText("users.email")).toBe(`"users.email"`);
});

test("names and texts as SQL", () => {
  expect(quoteIdentifier('a"b')).toBe('"a""b"');
  expect(quoteLiteral("it's")).toBe("'it''s'");
  expect(quoteLiteral("a\\'b")).toBe("E'a\\\\''b'");
});

test.each([
  ..."postal_code zip zip_code zipCode zipcode pin_code pincode recovery_code recoveryCode diagnosis_code tax_code".split(
    " ",
  ),
  ..."tax_status marital_status maritalStatus health_state share_link shareSlug slug invite_code access_level".split(
    " ",
  ),
  ..."backup_code blood_type visa_status immigration_status gender_code promo_code swift_code home_state".split(
    " ",
  ),
])("%s is never kept", (name) => {
  expect(soundsPersonal(name)).toBe(true);
  expect(isHarmlessName(name)).toBe(false);
});

test.each([
  ..."status state type kind level order_status event_type access_code plan tier code version".split(
    " ",
  ),
])("%s is not kept by its name", (name) => expect(isHarmlessName(name)).toBe(false));

test.each(
  "currency currency_code country_code error_code timezone mimeType locale log_level".split(" "),
)("%s is kept by its name", (name) => expect(isHarmlessName(name)).toBe(true));
