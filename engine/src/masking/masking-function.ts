/** Types that an argument is brought to; `any` stays what it is, and `whole` is a number in the rule itself. */
export type ArgumentType =
  | "text"
  | "integer"
  | "bigint"
  | "float8"
  | "timestamptz"
  | "interval"
  | "any"
  | "whole"
  | "boolean";

export interface MaskingFunction {
  args: readonly ArgumentType[];
  /** The first ones have to be given. Default: all. */
  least?: number;
  /** More of the last type may follow. */
  more?: true;
  /** Names of arguments, where they may be given by name. */
  names?: readonly string[];
  sql: (...args: string[]) => string;
}
