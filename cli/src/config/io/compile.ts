import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { BuildOptions } from "esbuild";
import { DsError } from "../../errors/ds-error.ts";
import { readRegularFile } from "../../lib/io/regular-file.ts";
import { hashSources, refuseIrregularSettings, type SourceHashes } from "./source-hashes.ts";

const nearby = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** What a configuration imports of this package: as it was built, or its source in tests. */
const built = nearby("./define-config.js");
const ownDefinitions = existsSync(built) ? built : nearby("../define/config.ts");

export interface Compiled {
  code: string;
  sources: SourceHashes;
}

/** Node does without esbuild since 22.18, which strips types itself: with that as the minimum, configurations can be imported. */
export async function compile(file: string, settings: BuildOptions = {}): Promise<Compiled> {
  const { build } = await import("esbuild").catch((cause: unknown) => {
    throw new DsError(
      "PREREQUISITE_MISSING",
      `${file} cannot be compiled: esbuild is not installed`,
      {
        hint: "Install the dependencies of @devstride/ds again, optional ones included.",
        cause,
      },
    );
  });
  refuseIrregularSettings(file);
  const result = await build({
    entryPoints: [file],
    absWorkingDir: dirname(file),
    format: "esm",
    // The module is evaluated from the cache's folder, but speaks of its own.
    define: {
      "import.meta.url": JSON.stringify(pathToFileURL(file).href),
      "import.meta.dirname": JSON.stringify(dirname(file)),
      "import.meta.filename": JSON.stringify(file),
    },
    ...settings,
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    target: "node20",
    logLevel: "silent",
    plugins: [
      {
        // Works where the package is not installed, too, and is the one that this command knows.
        name: "define-config",
        setup(hooks) {
          hooks.onResolve({ filter: /^@devstride\/ds$/ }, () => ({ path: ownDefinitions }));
          // A named pipe that is imported would be read for good.
          hooks.onLoad({ filter: /./, namespace: "file" }, ({ path }) => {
            readRegularFile(path);
            return undefined;
          });
        },
      },
      ...(settings.plugins ?? []),
    ],
  }).catch((error: unknown) => {
    throw compileError(error, file);
  });
  const paths = Object.keys(result.metafile.inputs).map((path) => resolve(dirname(file), path));
  return { code: result.outputFiles[0]?.text ?? "", sources: hashSources(paths) };
}

/** With the first of these settings that it can be compiled with. */
export async function compileOneWay(
  file: string,
  [settings, ...others]: readonly BuildOptions[],
): Promise<Compiled> {
  try {
    return await compile(file, settings);
  } catch (error) {
    if (others.length === 0 || !(error instanceof DsError) || error.code !== "CONFIG_INVALID") {
      throw error;
    }
    return compileOneWay(file, others);
  }
}

function compileError(error: unknown, file: string): DsError {
  const failures = (error as { errors?: EsbuildMessage[] }).errors ?? [];
  const lines = failures.map(({ text, location }) =>
    location ? `  ${location.file}:${location.line}:${location.column + 1}: ${text}` : `  ${text}`,
  );
  return new DsError(
    "CONFIG_INVALID",
    `${file} cannot be compiled:\n${lines.join("\n") || `  ${String(error)}`}`,
    {
      reason: "CONFIG_NOT_COMPILED",
      details: {
        places: failures.flatMap(({ location }) =>
          location
            ? [{ file: location.file, line: location.line, column: location.column + 1 }]
            : [],
        ),
      },
      cause: error,
    },
  );
}

interface EsbuildMessage {
  text: string;
  location: { file: string; line: number; column: number } | null;
}
