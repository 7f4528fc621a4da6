import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { DsError } from "../../errors/ds-error.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { pulumiComplaint } from "../output.ts";

export interface PulumiAnswer {
  status: number;
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
  const call = (args: string[], onLine?: (line: string) => void) =>
    new Promise<PulumiAnswer>((done, failed) => {
      const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
        cwd: folder,
        env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
        stdio: ["ignore", "pipe", "pipe"],
        // A group of its own: a terminal's Ctrl-C would reach it twice, and the second one ends it the hard way.
        detached: true,
      });
      const answer: PulumiAnswer = { status: 0, stdout: "", text: "" };
      const stop = () => child.kill("SIGINT");
      signal.addEventListener("abort", stop, { once: true });
      const listen = (stream: NodeJS.ReadableStream, isResult: boolean) =>
        createInterface({ input: stream }).on("line", (line) => {
          if (isResult) answer.stdout += `${line}\n`;
          answer.text += `${line}\n`;
          if (line.trim() !== "") onLine?.(line.trimEnd());
        });
      listen(child.stdout, true);
      listen(child.stderr, false);
      child.on("error", (error: NodeJS.ErrnoException) => {
        signal.removeEventListener("abort", stop);
        failed(error.code === "ENOENT" ? noPulumi() : error);
      });
      child.on("close", (status) => {
        signal.removeEventListener("abort", stop);
        done({ ...answer, status: status ?? 1 });
      });
    });
  return {
    run: async (what, args, onLine) => {
      // Whoever stopped before it began would have nothing to stop it by.
      if (signal.aborted) throw interrupted(`before ${what}`);
      const answer = await call(args, onLine);
      if (answer.status === 0) return answer;
      throw signal.aborted ? interrupted(`while ${what}`) : pulumiError(what, answer.text);
    },
  };
}

function pulumiError(what: string, text: string): DsError {
  const said = pulumiComplaint(text);
  if (/currently locked|conflict: Another update is currently in progress/i.test(text)) {
    return new DsError("LOCKED", `${what}: the stack is locked by another update\n${said}`, {
      hint: "Wait for it to end. If it died on another machine: pulumi cancel --stack <stack>",
    });
  }
  if (/passphrase must be set|PULUMI_CONFIG_PASSPHRASE|incorrect passphrase/i.test(text)) {
    return new DsError("CREDENTIALS", `${what}: Pulumi has no passphrase for the stack's secrets`, {
      hint: "Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE, or name `secretsProvider` under `infra` in ds.config.ts.",
    });
  }
  if (/PULUMI_ACCESS_TOKEN|pulumi login|invalid access token/i.test(text)) {
    return new DsError("CREDENTIALS", `${what}: Pulumi is not logged in to a backend\n${said}`, {
      hint: "Set PULUMI_ACCESS_TOKEN, or PULUMI_BACKEND_URL (s3://…, file://…), or run: pulumi login",
    });
  }
  return new DsError("UPSTREAM", `${what} failed:\n${said}`, {
    hint: "Run it again once that is mended: what is done already is not done twice.",
  });
}

const interrupted = (when: string) =>
  new DsError("INTERRUPTED", `interrupted ${when}`, {
    hint: "Pulumi writes down what it has done: the same command continues from there.",
  });

function noPulumi(): DsError {
  return new DsError("PREREQUISITE_MISSING", "Pulumi's command line is not on this machine", {
    hint: "Install it (https://www.pulumi.com/docs/install), or take `infra` out of ds.config.ts.",
  });
}
