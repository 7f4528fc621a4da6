import { DsError } from "./ds-error.ts";

const systemErrors: Record<string, [code: "FILE_NOT_WRITABLE" | "UPSTREAM", text: string]> = {
  EACCES: ["FILE_NOT_WRITABLE", "permission denied"],
  EPERM: ["FILE_NOT_WRITABLE", "operation not permitted"],
  EROFS: ["FILE_NOT_WRITABLE", "the file system is read-only"],
  ENOSPC: ["FILE_NOT_WRITABLE", "no space left on the disk"],
};

/** What the system says about files is a person's to fix; everything else unknown is our bug. */
export function toDsError(error: unknown): DsError {
  if (error instanceof DsError) return error;
  if (!(error instanceof Error)) return new DsError("UNEXPECTED", String(error));
  const { code, path } = error as NodeJS.ErrnoException;
  const known = code === undefined ? undefined : systemErrors[code];
  if (known && (path !== undefined || code === "ENOSPC")) {
    return new DsError(known[0], path === undefined ? known[1] : `${path}: ${known[1]}`, {
      cause: error,
    });
  }
  return new DsError("UNEXPECTED", error.message || error.name, { cause: error });
}
