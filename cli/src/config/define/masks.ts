/**
 * How a column's value becomes a harmless one. A mask is plain data; `refresh/masks/` makes the SQL
 * of it. All of them: the same value gives the same mask everywhere, NULL stays NULL, and what comes out
 * cannot be traced back without the key.
 */
export type Mask = { readonly mask: SimpleMask } | MaskWithOptions;

export type SimpleMask =
  | "email"
  | "phone"
  | "url"
  | "ip"
  | "uuid"
  | "token"
  | "code"
  | "null"
  | "keep";

type MaskWithOptions =
  | { readonly mask: "name"; readonly part: NamePart }
  | { readonly mask: "text"; readonly unique: boolean }
  | { readonly mask: "date"; readonly days: number; readonly unique: boolean }
  | { readonly mask: "number"; readonly percent: number }
  | { readonly mask: "json"; readonly paths: Record<string, Mask>; readonly others: JsonOthers }
  | { readonly mask: "constant"; readonly value: Constant }
  | { readonly mask: "dictionary"; readonly values: readonly string[]; readonly unique: boolean }
  | { readonly mask: "sql"; readonly expression: string };

export type NamePart = "full" | "first" | "last" | "company";
export type JsonOthers = "mask" | "keep" | "drop";
export type Constant = string | number | boolean;

const simple = (name: SimpleMask) => (): Mask => ({ mask: name });

export const mask = {
  /** `olivia.3fa29b01c2d4@example.com`. Unique. */
  email: simple("email"),
  /** `+0` and 14 digits: no telephone has that number. Unique. */
  phone: simple("phone"),
  /** `https://example.com/3fa29b01c2d4`. Unique. */
  url: simple("url"),
  /** An address of the same family: of 10.0.0.0/8, or of 2001:db8::/32 which is for documentation. */
  ip: simple("ip"),
  /** Another UUID. Unique. */
  uuid: simple("uuid"),
  /**
   * 12 hexadecimal digits; for a whole number another one, for `numeric(p,s)` one of as many digits, for
   * other numbers 14 digits; 16 bytes for bytea; an address for inet (2001:db8::/32) and macaddr. Unique.
   */
  token: simple("token"),
  /**
   * Other letters and digits in the same places: `AB-1204` becomes `QT-8831`. A whole number and
   * `numeric(p,s)` keep how many digits they have, bytea its length. For short values; unique, but bytea.
   */
  code: simple("code"),
  /** Nothing at all. */
  null: simple("null"),
  /** The value as it is, on purpose. */
  keep: simple("keep"),

  /** `Olivia Moreau`, or only a part of it; `company`: `Harbor Foods`. */
  name: ({ part = "full" }: { part?: NamePart } = {}): Mask => ({ mask: "name", part }),

  /** Other words, of the same length, without a space at the ends. `unique`: 12 hexadecimal digits come first, where texts must differ. */
  text: ({ unique = false }: { unique?: boolean } = {}): Mask => ({ mask: "text", unique }),

  /**
   * A date or a time moved by up to so many days in either direction, never by none. Default: 30. `unique`:
   * different ones stay different; those of about one month are then moved alike.
   */
  date: ({ days = 30, unique = false }: { days?: number; unique?: boolean } = {}): Mask => ({
    mask: "date",
    days,
    unique,
  }),

  /** A number changed by up to so many percent in either direction. Default: 10. */
  number: ({ percent = 10 }: { percent?: number } = {}): Mask => ({ mask: "number", percent }),

  /**
   * The values inside JSON by their path: `contact.email`, `lines[].note` (each element), `labels.*` (each
   * value). Everything that no path names: `mask` (the default) puts other words into every string, at any
   * depth, other numbers under keys such as `phone` or `ssn`, and leaves other numbers and booleans; `keep`
   * leaves it; `drop` removes it. Keys stay, but where they are e-mail addresses, telephone numbers or IP
   * addresses, which are masked wherever values are.
   */
  json: (
    paths: Record<string, Mask> = {},
    { others = "mask" }: { others?: JsonOthers } = {},
  ): Mask => ({ mask: "json", paths, others }),

  /** The same value in every row. */
  constant: (value: Constant): Mask => ({ mask: "constant", value }),

  /**
   * One of these, the same one for the same value. `unique`: each of them becomes another one of them, so
   * that different ones stay different.
   */
  dictionary: (values: readonly string[], { unique = false }: { unique?: boolean } = {}): Mask => ({
    mask: "dictionary",
    values,
    unique,
  }),

  /**
   * An SQL expression on the row `t`, for which `{value}` stands for the column; it has to be safe by itself.
   * `mask.sql("left({value}, 2) || '000'")`
   */
  sql: (expression: string): Mask => ({ mask: "sql", expression }),
};
