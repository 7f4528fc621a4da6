/** What values can look like. The server compares: no value leaves it. */
export type Shape =
  | "email"
  | "phone"
  | "url"
  | "ip"
  | "uuid"
  | "card"
  | "secret"
  | "name"
  | "address"
  | "prose";

/** Shapes of a person's own: a column with any of them is not let through. */
const ofPersons: readonly Shape[] = ["email", "phone", "ip", "card", "secret", "name", "address"];

/** What the values of one column look like, in a sample. */
export interface ColumnSample {
  /** Values that are not NULL and not empty. */
  filled: number;
  distinct: number;
  longest: number;
  /** Shares of the values, from 0 to 1, by shape. */
  shapes: Partial<Record<Shape, number>>;
  /** Few different values in many rows, and each of them with several tenants. */
  common: boolean;
  /** Of JSON: numbers under these names sound personal; `free`: some keys are no names of a program's. */
  json?: { numbers: string[]; free: boolean };
  /** Code of masks after which a constraint of the column does not hold. */
  refused?: string[];
}

/** Of a column at which nobody has looked. */
export const unsampled: ColumnSample = {
  filled: 0,
  distinct: 0,
  longest: 0,
  shapes: {},
  common: false,
};

/** By column, as rules name it. */
export type Observed = Record<string, ColumnSample>;

/** What nearly all values look like. */
export const shapeOf = (sample: ColumnSample | undefined): Shape | undefined => {
  const found = Object.entries(sample?.shapes ?? {}) as [Shape, number][];
  return found.find(([, share]) => share > 0.9)?.[0];
};

/** Whether some of the values may be a person's. */
export const looksPersonal = (sample: ColumnSample | undefined): boolean =>
  sample !== undefined && ofPersons.some((shape) => (sample.shapes[shape] ?? 0) > 0.02);

/** The same for a key: numbers and long random texts are usual there. */
export const isPersonalKey = (sample: ColumnSample | undefined): boolean =>
  sample !== undefined &&
  (["email", "name", "address"] as const).some((shape) => (sample.shapes[shape] ?? 0) > 0.02);

/** From so many characters on a text is one that somebody may have written. */
const long = 200;

export const isLong = (sample: ColumnSample | undefined): boolean =>
  sample !== undefined && (sample.longest >= long || (sample.shapes.prose ?? 0) > 0.3);
