import type { Mask } from "../../config/define/masks.ts";
import { isHarmlessName } from "../masks/keepable.ts";
import { fitsFamily } from "../masks/misfit.ts";
import type { ColumnType } from "../model/column-type.ts";
import { keyText, shownPart } from "../model/names.ts";

/** A column that is copied, as far as a rule for many goes by it. */
export interface CopiedColumn {
  /** As rules name it: `users.email`. */
  subject: string;
  name: string;
  type: ColumnType;
  /** Of a key or a reference. */
  leading: boolean;
  /** Code of its mask; `unfit`: it needs a rule, and there is none to propose. Undefined: it needs none. */
  code: string | "unfit" | undefined;
}

/**
 * The rules of the columns with one for many: `*.email` for all that have that name, and all names with the
 * same mask in one list. Each column gets what it had. A column of a new name still has no rule; one of a known
 * name is masked, and kept only where the name means the same everywhere. Whatever leaves something of a value
 * is said column by column.
 */
export function shortRules(columns: readonly CopiedColumn[]): Map<string, string[]> {
  const named = new Map<string, CopiedColumn[]>();
  for (const column of columns) {
    if (named.get(column.name)?.push(column) === undefined) named.set(column.name, [column]);
  }
  const rules = new Map<string, string[]>();
  const add = (code: string, name: string) => {
    if (rules.get(code)?.push(name) === undefined) rules.set(code, [name]);
  };
  for (const [name, all] of named) {
    const general = codeForAll(name, all);
    if (general !== undefined) add(general, `*.${shownPart(name)}`);
    for (const { subject, code, leading } of all) {
      const isCovered = code === general && !leading;
      if (code !== undefined && code !== "unfit" && !isCovered) add(code, subject);
    }
  }
  return rules;
}

/** What most columns of the name have, where a rule for all of them would change no other one. */
function codeForAll(name: string, all: readonly CopiedColumn[]): string | undefined {
  const codes = all.flatMap(({ code, leading }) => (code === undefined || leading ? [] : [code]));
  const [first] = codes;
  if (first === "mask.keep()" && isHarmlessName(name)) {
    return codes.every((code) => code === first) ? first : undefined;
  }
  const count = (of: string) => codes.filter((code) => code === of).length;
  const most = codes
    .filter((code) => hidesAll.test(code))
    .reduce<string | undefined>(
      (best, code) => (best === undefined || count(code) > count(best) ? code : best),
      undefined,
    );
  if (most === undefined || all.some((column) => isTouched(column, most))) return undefined;
  return most;
}

/**
 * Nothing of a value is left, of JSON no word and no number under a personal key, or nothing at all. Dates and amounts are only
 * blurred, and NULL fits everything.
 */
const hidesAll =
  /^mask\.((text|name|email|phone|url|ip|uuid|token|code)\(|json\((\{\}, \{ others: "drop" \})?\)$)/;

/** Whether a rule for the name would mask a column that has no rule. */
const isTouched = ({ code, type }: CopiedColumn, mask: string): boolean => {
  if (code !== undefined) return code === "unfit";
  const [, name = ""] = /^mask\.(\w+)/.exec(mask) ?? [];
  return fitsFamily({ mask: name } as Mask, type);
};

/** Lines of the configuration: as many names in one as there is room for. */
export function ruleLines(
  names: readonly string[],
  code: string,
  keyOf: (list: string) => string = keyText,
): string[] {
  const places = new Map(names.map((name, at) => [name, at]));
  const byPlace = (one: string, other: string) => (places.get(one) ?? 0) - (places.get(other) ?? 0);
  const line = (list: string[]) => `${keyOf(list.join(", "))}: ${code},`;
  const lists: string[][] = [];
  // The long ones first, so that the short ones fill up what they leave.
  for (const name of [...names].sort((one, other) => other.length - one.length)) {
    const roomy = lists.find((list) => line([...list, name]).length <= width);
    if (roomy) roomy.push(name);
    else lists.push([name]);
  }
  return lists.map((list) => line(list.sort(byPlace)));
}

/** A line of 100 characters, without the section's indentation. */
const width = 94;
