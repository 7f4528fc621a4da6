import type { FillOptions } from "../fill.ts";

/** A schema of somebody else's making, the rules for it, and how to fill it. */
export interface Shape {
  schema: string;
  fill: FillOptions;
  /** The `refresh` section of ds.config.ts. */
  rules: string;
  /** Tables that the rules copy whole, or not at all. */
  whole: { reference: string[]; skip: string[] };
  /** Makes the schema where it is not one text. */
  apply?: (url: string) => Promise<void>;
}

/** What every production of these tests says of itself. */
export const from = `from: {
  variable: "PRODUCTION_URL",
  marker: { query: "select current_setting('zoo.place', true)", value: "production" },
}`;
