import type { TableEffect } from "../../plan/locks/modes.ts";
import type { Action } from "../actions/action.ts";
import type { SchemaModel } from "../model/schema-model.ts";
import type { RuleGroup, Severity } from "../model/severity.ts";
import type { TransactionState } from "../model/transaction-state.ts";
import type { Probe } from "../probes/probe.ts";

/** What a rule looks at: one action of a statement, and what was there before it. */
export interface Subject<Kind extends Action = Action> {
  action: Kind;
  /** All of the statement's, this one among them. */
  actions: readonly Action[];
  /** The statement's own text. */
  sql: string;
  /** Before the action. */
  schema: SchemaModel;
  transaction: TransactionState;
  /** Of the statement, on tables. */
  effects: readonly TableEffect[];
  /** The statement stands alone, outside of any transaction. */
  alone: boolean;
}

/** What a rule says of it; the rest of the finding is the statement's and the rule's own. */
export interface Found {
  /** As the statement has it. */
  table?: string | undefined;
  /** By its bare name. */
  column?: string;
  /** Whose size tells how long others wait, where it is not that table alone. */
  weighs?: readonly string[];
  says: string;
  instead?: string | undefined;
  /** Where it is not the rule's. */
  severity?: Severity;
  /** A look at the data that settles it. */
  probe?: Probe | undefined;
}

export interface Rule {
  name: string;
  group: RuleGroup;
  severity: Severity;
  /** Off unless `migrations.rules` has it. */
  off?: true;
  /** Said of the first statement of a transaction only. */
  once?: true;
  /** For the list of rules in docs. */
  what: string;
  /** What others call it. */
  peers: readonly string[];
  find(subject: Subject): Found | readonly Found[] | undefined;
}

/** The actions that may be of a kind; several kinds may share a shape. */
type OfKind<One, Kind> = One extends { kind: infer Own }
  ? [Kind & Own] extends [never]
    ? never
    : One & { kind: Kind & Own }
  : never;

/** A rule on actions of some kinds. */
export function ruleOn<Kind extends Action["kind"]>(
  kinds: readonly Kind[],
  rule: Omit<Rule, "find"> & {
    find(action: OfKind<Action, Kind>, subject: Subject): Found | readonly Found[] | undefined;
  },
): Rule {
  return {
    ...rule,
    find: (subject) =>
      (kinds as readonly string[]).includes(subject.action.kind)
        ? rule.find(subject.action as OfKind<Action, Kind>, subject)
        : undefined,
  };
}
