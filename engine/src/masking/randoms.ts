import type { MaskingFunction } from "./masking-function.ts";
import { quoted } from "./quote.ts";
import {
  cities,
  companyKinds,
  companyNames,
  countries,
  countryCodes,
  firstNames,
  lastNames,
  prose,
  streets,
  titles,
} from "./words.ts";

/**
 * Functions that know nothing of the value: another result for each row. No sub-select, which the server would work out once
 * for all rows.
 */

const below = (count: number | string) => `floor(random() * ${count})`;

const pick = (values: readonly string[]) =>
  `(array[${values.map(quoted).join(", ")}]::text[])[1 + ${below(values.length)}::integer]`;

const digits = (count: number) => `lpad(${below(10 ** count)}::bigint::text, ${count}, '0')`;

/** 32 hexadecimal digits, of which 122 bits are random. */
const hex = "replace(gen_random_uuid()::text, '-', '')";

/** Their domain is nobody's, and they do not meet, so that unique columns stay unique. */
const email = `(lower(${pick(firstNames)}) || '.' || right(${hex}, 12) || '@example.com')`;

const always = (sql: string): MaskingFunction => ({ args: [], sql: () => sql });

const firstName = always(pick(firstNames));
const lastName = always(pick(lastNames));
const city = always(pick(cities));
const country = always(pick(countries));
const company = always(`(${pick(companyNames)} || ' ' || ${pick(companyKinds)})`);
const fullName = `${pick(firstNames)} || ' ' || ${pick(lastNames)}`;
const postcode = always(digits(5));
const street = `${below(199)} + 1 || ' ' || ${pick(streets)}`;
/** 555 is nobody's. */
const phone = always(`('+1555' || ${digits(7)})`);
const ipv4 = always(`concat_ws('.', '10', ${[1, 2, 3].map(() => below(256)).join(", ")})`);

export const fakes: Record<string, MaskingFunction> = {
  "anon.fake_address": always(`(${street} || ', ' || ${pick(cities)})`),
  "anon.fake_city": city,
  "anon.fake_company": company,
  "anon.fake_country": country,
  "anon.fake_email": always(email),
  "anon.fake_first_name": firstName,
  "anon.fake_last_name": lastName,
  "anon.fake_postcode": postcode,
  "anon.dummy_building_number": always(`(${below(199)} + 1)::text`),
  "anon.dummy_cell_number": phone,
  "anon.dummy_city_name": city,
  "anon.dummy_company_name": company,
  "anon.dummy_country_code": always(pick(countryCodes)),
  "anon.dummy_country_name": country,
  "anon.dummy_first_name": firstName,
  "anon.dummy_free_email": always(email),
  "anon.dummy_ip": ipv4,
  "anon.dummy_ipv4": ipv4,
  "anon.dummy_ipv6": always(
    `('2001:db8' || regexp_replace(right(${hex}, 24), '(....)', ':\\1', 'g'))`,
  ),
  "anon.dummy_last_name": lastName,
  "anon.dummy_latitude": always("(random() * 180 - 90)"),
  "anon.dummy_longitude": always("(random() * 360 - 180)"),
  "anon.dummy_mac_address": always(
    `('02' || regexp_replace(right(${hex}, 10), '(..)', ':\\1', 'g'))`,
  ),
  "anon.dummy_name": always(`(${fullName})`),
  "anon.dummy_name_with_title": always(`(${pick(titles)} || ' ' || ${fullName})`),
  "anon.dummy_phone_number": phone,
  "anon.dummy_post_code": postcode,
  "anon.dummy_safe_email": always(email),
  "anon.dummy_street_name": always(pick(streets)),
  "anon.dummy_title": always(pick(titles)),
  "anon.dummy_username": always(`(lower(${pick(firstNames)}) || '_' || right(${hex}, 10))`),
  "anon.dummy_uuidv4": always("gen_random_uuid()"),
  "anon.dummy_word": always(pick(prose.split(" "))),
  "anon.dummy_zip_code": postcode,
};

const longestString = 2048;

export const randoms: Record<string, MaskingFunction> = {
  "anon.random_bigint_between": {
    args: ["bigint", "bigint"],
    sql: (from, to) =>
      `(${from} + floor(random()::numeric * (${to}::numeric - ${from} + 1)))::bigint`,
  },
  "anon.random_date": always(
    "(timestamptz '1900-01-01 00:00:00+00' + random() * (now() - timestamptz '1900-01-01 00:00:00+00'))",
  ),
  "anon.random_date_between": {
    args: ["timestamptz", "timestamptz"],
    sql: (from, to) => `(${from} + random() * (${to} - ${from}))`,
  },
  "anon.random_hash": {
    args: ["text"],
    sql: (seed) => `encode(sha256(convert_to(${hex} || ${seed}, 'UTF8')), 'hex')`,
  },
  "anon.random_in": {
    args: ["any"],
    sql: (values) => `(${values})[1 + ${below(`cardinality(${values})`)}::integer]`,
  },
  "anon.random_in_enum": {
    args: ["any"],
    sql: (value) =>
      `(enum_range(${value}))[1 + ${below(`cardinality(enum_range(${value}))`)}::integer]`,
  },
  "anon.random_int_between": {
    args: ["integer", "integer"],
    sql: (from, to) => `(${from} + ${below(`(${to}::float8 - ${from} + 1)`)})::integer`,
  },
  "anon.random_phone": {
    args: ["text"],
    least: 0,
    sql: (prefix = "'0'") => `(${prefix} || ${digits(8)})`,
  },
  "anon.random_string": {
    args: ["whole"],
    sql: (length) => {
      const wanted = Math.min(Number(length), longestString);
      const letters = `translate(${Array.from({ length: Math.ceil(wanted / 32) || 1 }, () => hex).join(" || ")}, '0123456789', 'ghijklmnop')`;
      return `left(${letters}, ${wanted})`;
    },
  },
  "anon.random_zip": postcode,
  "pg_catalog.gen_random_uuid": always("gen_random_uuid()"),
  "pg_catalog.now": always("now()"),
  "pg_catalog.random": always("random()"),
};
