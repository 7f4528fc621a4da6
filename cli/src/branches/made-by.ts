import type { Branch } from "../neon/model.ts";

/** Who made a branch that is no stage's, written on it when it is made. */
export interface Maker {
  /** `ds db create`, the tool `branch` of `ds mcp`, or `ds agent exec`. */
  by: "create" | "mcp" | "agent";
  /** The developer. */
  owner: string;
  /** The stage of the checkout in which it was made. */
  stage: string;
}

const keys = { by: "ds-made-by", owner: "ds-owner", stage: "ds-made-in-stage" } as const;

/** As the API keeps it: text by key. Of `ds deploy up` is the stamp, which has other keys. */
export const makerAnnotation = ({ by, owner, stage }: Maker): Record<string, string> => ({
  [keys.by]: by,
  [keys.owner]: owner,
  [keys.stage]: stage,
});

/** Undefined of branches that were made otherwise. */
export function makerOf({ annotation }: Pick<Branch, "annotation">): Maker | undefined {
  const { [keys.by]: by, [keys.owner]: owner, [keys.stage]: stage } = annotation;
  const isKnown = by === "create" || by === "mcp" || by === "agent";
  return isKnown && owner && stage ? { by, owner, stage } : undefined;
}
