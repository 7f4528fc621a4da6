import { isOfClass } from "../../postgres/sqlstate.ts";

/** What a server says beside its answers: RAISE WARNING, NOTICE ... */
export interface ServerMessage {
  /** In the server's language. */
  severity?: string | undefined;
  /** SQLSTATE. */
  code?: string | undefined;
  message?: string | undefined;
}

/** For a person to know; everything else is for who asks for details. */
export function isWarning({ severity, code = "" }: ServerMessage): boolean {
  return severity === "WARNING" || isOfClass(code, "warning");
}
