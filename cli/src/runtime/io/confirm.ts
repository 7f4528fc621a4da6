import { DsError } from "../../errors/ds-error.ts";
import { harmless } from "../../lib/text/harmless.ts";
import type { Runtime } from "../runtime.ts";

export interface Question {
  /** What is about to happen, and to what: a question. */
  message: string;
  /** --yes was given. */
  yes: boolean;
  /** The command to say in the hint, with --yes in it. */
  command: string;
}

/** Asks on the terminal; without one, only --yes gets past. Nothing may have changed before this. */
export async function confirm(
  context: Pick<Runtime, "interactive" | "terminal" | "signal">,
  question: Question,
): Promise<void> {
  if (question.yes) return;
  if (!context.interactive) {
    throw new DsError(
      "CONFIRMATION_REQUIRED",
      `not done, as nobody can be asked: ${question.message}`,
      {
        hint: `Run it in a terminal, or say yes beforehand: ${question.command}`,
      },
    );
  }
  const prompts = await import("@clack/prompts");
  const answer = await prompts.confirm({
    message: harmless(question.message),
    initialValue: false,
    ...context.terminal,
    signal: context.signal,
  });
  if (prompts.isCancel(answer)) throw new DsError("INTERRUPTED", "stopped");
  if (!answer) throw new DsError("NOT_CONFIRMED", "stopped");
}

export interface HasConfirm {
  /** Returns when the person agreed; throws CONFIRMATION_REQUIRED or NOT_CONFIRMED otherwise. */
  confirm(question: Question): Promise<void>;
}
