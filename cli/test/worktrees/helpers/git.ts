import { execFileSync } from "node:child_process";

/** The real git, with an author and none of this machine's settings. */
export function git(folder: string, ...args: string[]): string {
  const settings = ["user.name=x", "user.email=x@example.com", "protocol.file.allow=always"];
  const given = settings.flatMap((each) => ["-c", each]);
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
  const env = { ...Object.fromEntries(kept), GIT_CONFIG_GLOBAL: "/dev/null", LC_ALL: "C" };
  return execFileSync("git", [...given, ...args], { cwd: folder, env, stdio: "pipe" })
    .toString()
    .trim();
}
