import { sqlState } from "./sqlstate.ts";

/** The driver's fields of a server's error that tell a hidden row from a missing grant. */
interface RowSecurityError {
  code?: string;
  routine?: string;
  message: string;
}

/** The server's function that raises it (src/backend/utils/misc/rls.c, PostgreSQL 9.5 to 18). */
const raisedBy = "check_enable_rls";

/** The table is in the sentence alone, and a proxy may leave the function out (PostgreSQL 18.4). */
const serverSays = /row-level security policy for table "(.+)"/;

/** Whether row-level security would hide rows; a role without the grant has the same SQLSTATE. */
export const isRowSecurity = ({ code, routine, message }: RowSecurityError): boolean =>
  code === sqlState.insufficientPrivilege && (routine === raisedBy || serverSays.test(message));

/** Undefined where the server speaks another language. */
export const tableOfRowSecurity = ({ message }: RowSecurityError): string | undefined =>
  serverSays.exec(message)?.[1];
