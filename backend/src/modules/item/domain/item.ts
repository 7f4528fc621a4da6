/** What an organization adds to its items by itself; kept as JSON. */
export type CustomFields = Record<string, string | number | boolean | null>;
