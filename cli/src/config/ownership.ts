import { delimiter, isAbsolute, relative } from "node:path";
import type { Environment } from "../lib/process/environment.ts";

/** The users whose files count as one's own. As root, by sudo, those of the person who called it do, too. */
export function ownUsers(uid: number, { SUDO_UID }: Environment): number[] {
  return uid === 0 && /^\d+$/.test(SUDO_UID ?? "") ? [uid, Number(SUDO_UID)] : [uid];
}

/** Whether the file lies in a folder that the environment declares safe, whoever owns it. */
export function isDeclaredSafe(file: string, { DS_SAFE_DIRECTORY }: Environment): boolean {
  return (DS_SAFE_DIRECTORY ?? "").split(delimiter).some((folder) => {
    if (folder === "*") return true;
    if (!isAbsolute(folder)) return false;
    const inside = relative(folder, file);
    return inside !== ".." && !/^\.\.[\\/]/.test(inside) && !isAbsolute(inside);
  });
}
