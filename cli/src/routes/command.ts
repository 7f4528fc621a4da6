import { buildCommand, type FlagParametersForType } from "@stricli/core";
import type { AppContext } from "../app-context.ts";
import type { Names } from "../completion/completable.ts";

/** What a command's file exports as its default. */
type CommandFunction<F, A extends readonly string[]> = (
  context: AppContext,
  flags: F,
  ...args: A
) => Promise<void>;

interface CommonFlags {
  json: boolean;
  verbose: boolean;
  local: boolean;
  /** A duration. */
  wait: string | undefined;
}

/** Runs a loaded command and turns its failure into output and an exit status. */
export type Runner = (
  flags: CommonFlags,
  work: (context: AppContext) => Promise<void>,
) => Promise<void>;

interface Positional {
  brief: string;
  placeholder: string;
  parse: (input: string) => string;
  optional?: boolean;
  proposeCompletions?: Proposer;
}

/** What the proposals of a command line are made with. */
export interface Completing {
  names(what: Names): Promise<string[]>;
}

type Proposer = (this: unknown) => Promise<string[]>;

export const proposing = (what: Names): Proposer =>
  function names() {
    return (this as Completing).names(what);
  };

interface Declaration<F, A extends readonly string[]> {
  brief: string;
  description?: string;
  flags: FlagParametersForType<F>;
  aliases?: Partial<Record<string, keyof F & string>>;
  /** One entry an argument, or one for all that follow. */
  args?: readonly Positional[] | { rest: Positional };
  load: () => Promise<{ default: CommandFunction<F, A> }>;
}

/** A command that loads its code only when it runs, and knows the flags that all commands have. */
export function command<F, const A extends readonly string[]>(
  run: Runner,
  { brief, description, flags, aliases, args = [], load }: Declaration<F, A>,
) {
  // Some say in words of their own what --wait waits for.
  const declared: object = {
    ...flags,
    ...commonFlags,
    ...("wait" in flags ? { wait: flags.wait } : {}),
  };
  const switches = Object.fromEntries(
    Object.entries(declared)
      .filter(([, each]) => isSwitch(each))
      .map(([name]) => [name, false]),
  );
  const positional =
    "rest" in args
      ? { kind: "array" as const, parameter: args.rest }
      : { kind: "tuple" as const, parameters: args };
  // The declaration above is what callers are checked against; stricli's own type wants literal
  // knowledge of each flag that a generic function does not have.
  const parameters = {
    flags: withoutFalseDefaults(declared),
    aliases: { ...aliases },
    positional,
  } as unknown as { flags: FlagParametersForType<Record<string, never>> };
  return buildCommand<Record<string, never>, string[]>({
    docs: { brief, ...(description ? { fullDescription: description } : {}) },
    parameters: parameters as never,
    loader: async () => {
      const module = await load();
      return (given: unknown, ...rest: unknown[]) => {
        const { json, verbose, local, ...own } = {
          ...switches,
          ...(given as object),
        } as CommonFlags & F;
        const { wait } = own as Pick<CommonFlags, "wait">;
        return run({ json, verbose, local, wait }, (context) =>
          module.default(context, own as F, ...(rest as unknown as A)),
        );
      };
    },
  });
}

const isSwitch = (declared: unknown) => {
  const { kind, default: value } = declared as { kind: string; default?: unknown };
  return kind === "boolean" && value === false;
};

/** Help would otherwise say of every switch that it is off unless it is given. */
function withoutFalseDefaults(flags: object): object {
  const strip = ([name, declared]: [string, object]) => {
    const { default: _, ...rest } = declared as { default?: unknown };
    return [name, isSwitch(declared) ? { ...rest, optional: true } : declared];
  };
  return Object.fromEntries(Object.entries(flags).map(strip));
}

const commonFlags = {
  json: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "Print one JSON document on stdout",
  },
  verbose: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "Say more about what is done, and why",
  },
  local: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "Use the local engine, in CI too, and not NEON_API_HOST",
  },
  wait: {
    kind: "parsed",
    parse: String,
    optional: true,
    brief: "How long to wait for an API that is busy; default: 5m",
    placeholder: "duration",
  },
} as const;

/** A flag with a value. */
export const text = (brief: string, placeholder: string, names?: Names) =>
  ({
    kind: "parsed",
    parse: String,
    optional: true,
    brief,
    placeholder,
    ...(names === undefined ? {} : { proposeCompletions: proposing(names) }),
  }) as const;

export const flag = (brief: string) =>
  ({ kind: "boolean", default: false, withNegated: false, brief }) as const;

/** On, off (`--no-...`), or left to the command. */
export const choice = (brief: string) => ({ kind: "boolean", optional: true, brief }) as const;

export const target = text("Stage to use instead of the current one", "stage", "stages");
export const yes = flag("Do not ask");
