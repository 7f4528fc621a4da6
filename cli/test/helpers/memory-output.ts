import { Output, type OutputOptions } from "../../src/runtime/output.ts";

/** An Output whose streams are kept as text. */
export function memoryOutput(
  options: Partial<OutputOptions> & { isTTY?: boolean; columns?: number | undefined } = {},
) {
  const text = { out: "", err: "" };
  const { isTTY, columns, ...rest } = options;
  const output = new Output({
    stdout: { isTTY, write: (chunk) => (text.out += chunk) },
    stderr: { isTTY, columns, write: (chunk) => (text.err += chunk) },
    env: {},
    json: false,
    verbose: false,
    ...rest,
  });
  return { output, text };
}
