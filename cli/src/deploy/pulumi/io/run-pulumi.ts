import { runChild } from "../../../lib/process/io/run-child.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { noPulumi, pulumiError, pulumiInterrupted } from "../errors.ts";

interface PulumiAnswer {
  stdout: string;
  /** Both streams, in the order in which they came. */
  text: string;
}

export interface RunPulumi {
  /** A failure is thrown, and `what` begins its sentence; PREREQUISITE_MISSING where there is no such program. */
  run(what: string, args: string[], onLine?: (line: string) => void): Promise<PulumiAnswer>;
}

/**
 * Runs Pulumi's own command line in the program's folder. (Its Automation API would do the same, spawn and all, and
 * bring 0.8 s of start-up and a gRPC stack with it.)
 */
export function pulumiIn(
  folder: string,
  { env, signal }: Pick<Runtime, "env" | "signal">,
): RunPulumi {
  return {
    run: async (what, args, onLine) => {
      // Whoever stopped before it began would have nothing to stop it by.
      if (signal.aborted) throw pulumiInterrupted(`before ${what}`);
      let text = "";
      const command = {
        program: "pulumi",
        args: [...args, "--non-interactive", "--color", "never"],
        cwd: folder,
        env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
        // A terminal's Ctrl-C would reach it twice, and the second one ends it the hard way.
        ownGroup: true,
      };
      const ended = await runChild(command, {
        signal,
        // It ends its plugins itself, once it has written down what they did.
        stop: { by: "SIGINT", whom: "leader" },
        onLine: (line) => {
          text += `${line}\n`;
          if (line.trim() !== "") onLine?.(line.trimEnd());
        },
      }).catch((error: NodeJS.ErrnoException) => {
        throw error.code === "ENOENT" ? noPulumi() : error;
      });
      if (ended.status === 0) return { stdout: ended.stdout.toString(), text };
      throw signal.aborted ? pulumiInterrupted(`while ${what}`) : pulumiError(what, text);
    },
  };
}
