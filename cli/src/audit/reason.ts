/** Something that counts for a row's verdict: its kind is what code and scripts go by, the text is for people. */
export interface Reason<Kind extends string = string> {
  kind: Kind;
  /** A clause: `its stack shop/phil-x is gone`. */
  text: string;
}

export const reason = <Kind extends string>(kind: Kind, text: string): Reason<Kind> => ({
  kind,
  text,
});

export const textsOf = (reasons: readonly Reason[]): string[] => reasons.map(({ text }) => text);

export const kindsOf = <Kind extends string>(reasons: readonly Reason<Kind>[]): Kind[] =>
  reasons.map(({ kind }) => kind);
