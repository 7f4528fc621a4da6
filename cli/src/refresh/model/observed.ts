/** What values can look like. The server compares: no value leaves it. */
export type Shape =
  | "email"
  | "phone"
  | "url"
  /** A URL that lets in whoever has it: with a token, a signature or a path that nobody could guess. */
  | "link"
  | "ip"
  | "uuid"
  | "card"
  | "iban"
  | "secret"
  | "name"
  | "address"
  /** A sentence with people in it. */
  | "person"
  /** A document, a picture or an archive. */
  | "file"
  | "prose";

/** Shapes of a person's own: a column with any of them is not let through. */
const ofPersons: readonly Shape[] = [
  ...(["email", "phone", "link", "ip", "card", "iban", "secret"] as const),
  ...(["name", "address", "person", "file"] as const),
];

/** Shares of values, from 0 to 1, by what they look like; the rest looks like nothing in particular. */
export type Shapes = Partial<Record<Shape, number>>;

/** What the values of one column look like, in a sample. */
export interface ColumnSample {
  /** Values that are not NULL and not empty; of arrays the elements, of JSON the texts in it. */
  filled: number;
  distinct: number;
  longest: number;
  shapes: Shapes;
  /** Few different values in many rows, and each of them with several tenants. */
  common: boolean;
  /** Of JSON: numbers under these names sound personal; `free`: some keys are no names of a program's. */
  json?: { numbers: string[]; free: boolean };
  /** Code of masks after which a constraint of the column does not hold. */
  refused?: string[];
  /** Of JSON: the shapes below each path; `*` stands for paths that only some rows have, `(keys)` for the keys. */
  paths?: Record<string, Shapes>;
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

/** Whether some of the values may be a person's: one is enough, as it may be all that some tenant has. */
export const looksPersonal = (sample: ColumnSample | undefined): boolean =>
  personalShapes(sample).length > 0;

export const personalShapes = (sample: Pick<ColumnSample, "shapes"> | undefined): Shape[] =>
  ofPersons.filter((shape) => (sample?.shapes[shape] ?? 0) > 0);

/** The same for a key: numbers and long random texts are usual there. */
export const isPersonalKey = (sample: ColumnSample | undefined): boolean =>
  sample !== undefined &&
  (["email", "name", "address", "person"] as const).some(
    (shape) => (sample.shapes[shape] ?? 0) > 0,
  );

/** From so many characters on a text is one that somebody may have written. */
const long = 200;

export const isLong = (sample: ColumnSample | undefined): boolean =>
  sample !== undefined &&
  (sample.longest >= long || (sample.shapes.prose ?? 0) + (sample.shapes.person ?? 0) > 0.3);
