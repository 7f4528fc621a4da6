import { spawn } from "node:child_process";
import type { AppContext } from "../../app-context.ts";
import { DsError } from "../../errors/ds-error.ts";

interface Flags {
  size: string | undefined;
}

/** The engine's own program does it, as it owns what is on disk; its words go to the terminal. */
export default async function volumeCreate(
  { engine, env, home, output }: AppContext,
  flags: Flags,
): Promise<void> {
  const size = flags.size ?? "20G";
  if (!/^[1-9]\d{0,5}[MGT]$/.test(size)) {
    throw new DsError(
      "USAGE",
      `--size must be a number with M, G or T, such as 20G, not "${size}"`,
    );
  }
  const { program } = await engine();
  const child = spawn(
    process.execPath,
    [program, "volume", "create", "--home", home, "--size", size],
    {
      env: { ...env, DS_HOME: home },
      stdio: ["inherit", output.json ? 2 : "inherit", "inherit"],
    },
  );
  const [status, by] = await new Promise<[number | null, string | null]>((ended, failed) => {
    child.on("error", failed);
    child.on("exit", (code, signal) => ended([code, signal]));
  });
  if (status !== 0) {
    throw new DsError("UPSTREAM", `the volume was not created (${by ?? `exit ${status}`})`, {
      hint: "The reason is above.",
    });
  }
  output.result({ created: true, home, size }, "");
}
