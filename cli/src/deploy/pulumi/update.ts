/** What an update came to. */
export interface StackUpdate {
  changed: boolean;
  /** As Pulumi sums it up: `+ 2 created`, `3 unchanged`. */
  summary: string[];
}

/** What a program is told, by key, without the project's name before it. Never a secret: it is kept in the clear. */
export type StackConfig = Readonly<Record<string, string>>;

/** Is told how an update goes on. */
export interface UpdateListener {
  /** Another update has the stack. Once, when the wait begins. */
  waiting(): void;
  /** What Pulumi says. */
  line(text: string): void;
}

/** For how long to wait while another update has the stack, and who is told of it. */
export interface Patience {
  waitMs: number;
  listener: UpdateListener;
}

/** For whom nobody watches: it does not wait, and says nothing. */
export const impatient: Patience = {
  waitMs: 0,
  listener: { waiting: () => {}, line: () => {} },
};
