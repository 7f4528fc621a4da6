export type FailureKind = "invalid" | "forbidden" | "not_found" | "conflict";

/** A request that the rules do not allow. The message is a sentence for whoever sent it. */
export class Failure extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string) {
    super(message);
    this.name = "Failure";
    this.kind = kind;
  }
}
