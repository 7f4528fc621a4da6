import { setMaxListeners } from "node:events";
import { isatty } from "node:tty";
import { run as runApp } from "@stricli/core";
import packageJson from "../package.json" with { type: "json" };
import { makeContext } from "./app-context.ts";
import { ChildExit, DsError } from "./errors/ds-error.ts";
import { toDsError } from "./errors/to-ds-error.ts";
import { parseDuration } from "./lib/format/duration.ts";
import { buildApp, knownRoute } from "./routes/app.ts";
import type { Runner } from "./routes/command.ts";
import { declinedError, interruptedError } from "./runtime/changes.ts";
import { dsHome } from "./runtime/home.ts";
import { unhideCertificates } from "./runtime/io/extra-certificates.ts";
import { finishingStep, Output } from "./runtime/output.ts";
import type { Runtime, SignalHandler, StopSignal } from "./runtime/runtime.ts";

// argv -> exit status. The only file that touches `process`.

unhideCertificates(process.env);
const argv = process.argv.slice(2);
const interrupt = new AbortController();
// Every call of the API listens to it, and a long command makes many.
setMaxListeners(0, interrupt.signal);
let output = new Output({ ...streams(), json: jsonAsked(argv), verbose: false });
let status = 0;
let signalHandler: SignalHandler | undefined;
/** The command has said its last word. */
let isOver = false;
/** Says that there is no end yet. */
let patience: NodeJS.Timeout | undefined;

process.stdout.on("error", ignoreClosedPipe);
process.stderr.on("error", ignoreClosedPipe);
process.on("SIGINT", () => stop("SIGINT"));
process.on("SIGTERM", () => stop("SIGTERM"));
process.on("SIGHUP", () => stop("SIGHUP"));
// Nothing is left to be done. Node would give up its handlers before it is gone, and a signal in that moment would end
// the process without a word, and with another status.
process.on("beforeExit", () => process.exit());
process.on("uncaughtException", (error) => {
  fail(error);
  process.exit(status);
});

const runCommand: Runner = async (flags, work) => {
  output = new Output({ ...streams(), ...flags, signal: interrupt.signal });
  try {
    const waitMs = flags.wait === undefined ? undefined : parseDuration(flags.wait);
    await work(makeContext({ ...base(output), local: flags.local, waitMs }));
  } catch (error) {
    fail(error);
  } finally {
    isOver = true;
    clearTimeout(patience);
  }
};

function base(output: Output): Runtime {
  return {
    cwd: process.cwd(),
    // A copy: what counts is what the command was started with.
    env: { ...process.env },
    home: dsHome(process.env, process.getuid?.() ?? -1),
    version: packageJson.version,
    interactive: isatty(0) && isatty(2),
    terminal: {
      get input() {
        return process.stdin;
      },
      output: process.stderr,
    },
    output,
    signal: interrupt.signal,
    takeSignals: (handler) => {
      signalHandler = handler;
    },
  };
}

// The framework's own complaints are caught here, so that they follow the rules of every other error.
const complaints: string[] = [];
const frame = {
  process: {
    stdout: { write: (text: string) => process.stdout.write(text) },
    stderr: { write: (text: string) => complaints.push(text) },
    env: process.env,
    exitCode: undefined as number | undefined,
  },
};
const app = buildApp(packageJson.version, runCommand);
// Not a command: what a shell asks while one is being typed (`ds completion`).
if (argv[0] === "__complete") void completeWords(argv.slice(1));
else void runApp(app, argv, frame as never).then(concluded);

async function completeWords(words: string[]): Promise<void> {
  const { complete } = await import("./routes/complete.ts");
  process.stdout.write(await complete(app, base(output), words));
}

function concluded(): void {
  const complaint = complaints.join("").trim();
  if (complaint !== "") {
    fail(
      frame.process.exitCode === -2
        ? new Error(complaint)
        : new DsError("USAGE", complaint, {
            hint: `See: ${["ds", ...knownRoute(app, argv), "--help"].join(" ")}`,
          }),
    );
  }
  process.exitCode = status;
}

function streams() {
  return { stdout: process.stdout, stderr: process.stderr, env: process.env };
}

function fail(error: unknown): void {
  if (error instanceof ChildExit) {
    status = error.status;
    return;
  }
  const own = toDsError(error);
  const known = withAccount(own);
  const unexpected = known.code === "UNEXPECTED";
  const stack = process.env.DS_DEBUG === "1" && error instanceof Error ? error.stack : undefined;
  output.failure(
    unexpected && !stack
      ? new DsError("UNEXPECTED", known.message, {
          hint: "This should not happen; DS_DEBUG=1 shows where it did.",
        })
      : known,
    stack,
  );
  status = known.status;
}

/** What ends by the person's wish says what is and what is not. */
function withAccount(own: DsError): DsError {
  const interrupted = interrupt.signal.aborted || own.code === "INTERRUPTED";
  if (interrupted) return interruptedError(own, output.changes);
  return own.code === "NOT_CONFIRMED" ? declinedError(own, output.changes) : own;
}

/** The first signal lets a step that cannot be interrupted come to its end; the second quits at once. */
function stop(signal: StopSignal): void {
  if (signalHandler) signalHandler(signal, quit);
  else if (!interrupt.signal.aborted) {
    interrupt.abort(new DsError("INTERRUPTED", `interrupted by ${signal}`));
    if (!isOver) patience = setTimeout(() => output.note(finishingStep), 1000).unref();
  } else if (isOver) process.exit(status);
  else quit();
}

function quit(): never {
  const own = new DsError("INTERRUPTED", "interrupted again");
  output.failure(interruptedError(own, output.changes, "Quit at once"), undefined);
  process.exit(own.status);
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(status);
}

function jsonAsked(args: string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? args.length : end).includes("--json");
}
