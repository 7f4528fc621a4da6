import { harmless } from "../lib/text/harmless.ts";

export interface Proposal {
  /** `argument:flag`, `argument:value`, `routing-target:command` or `routing-target:route-map`. */
  kind: string;
  completion: string;
  brief: string;
}

/**
 * `--target=ph` as two words, which is how flags are read. zsh and fish hand it over as one word, and
 * want the proposals to begin with it (`prefix`); bash as three, and wants the value alone.
 */
export function flagsApart(words: readonly string[]): { separate: string[]; prefix: string } {
  const last = words.at(-1) ?? "";
  const [, prefix = ""] = /^(--[a-z][a-z-]*=)/.exec(last) ?? [];
  const separate = words.flatMap((word, index) => {
    const [, flag, value = ""] = /^(--[a-z][a-z-]*)=(.*)$/s.exec(word) ?? [];
    if (flag !== undefined) return [flag, value];
    if (word !== "=") return [word];
    return index === words.length - 1 ? [""] : [];
  });
  return { separate, prefix };
}

/** Without flags where a value is to come, and without what would break the line it is printed on. */
export function worthProposing(proposals: readonly Proposal[]): Proposal[] {
  const values = proposals.filter(({ kind }) => kind === "argument:value");
  // What a value is, the person knows who is typing it; and it would be the same for all.
  if (values.length > 0) return values.map((value) => ({ ...value, brief: "" })).filter(isHarmless);
  return proposals.filter(({ completion }) => completion !== "--");
}

const isHarmless = ({ completion }: Proposal) =>
  !/[\t\r\n]/.test(completion) && harmless(completion) === completion;
