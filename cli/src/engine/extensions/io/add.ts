import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DsError } from "../../../errors/ds-error.ts";
import { formatBytes } from "../../../lib/format/bytes.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { ExtensionAddition } from "../../contract.ts";
import type { HasEngine } from "../../io/daemon.ts";
import { type KnownSource, knownSource, knownSources } from "../sources.ts";
import { fetchWheel } from "./fetch-wheel.ts";

type Needs = Pick<Runtime, "cwd" | "env" | "output" | "signal"> & HasEngine;

/** Adds an extension to the local engine's Postgres: from a file or folder, or from where it is known to be. */
export async function addExtension(
  context: Needs,
  name: string,
  from?: string,
): Promise<ExtensionAddition> {
  const engine = await context.engine();
  const extensions = await engine.extensions();
  if (from !== undefined) {
    const path = resolve(context.cwd, from);
    return context.output.step(`Trying ${name} from ${from}`, (step) =>
      extensions.add({ name, path, from: path }).then((addition) => {
        step.finish(additionText(name, addition));
        return addition;
      }),
    );
  }
  const { builtIn, extensions: added, major, waiting } = await extensions.list();
  if (builtIn.includes(name)) return { status: "built-in", version: "" };
  const source = knownSource(name, major);
  const wheel = source?.wheels[`${process.platform}-${process.arch}`];
  if (source === undefined || wheel === undefined) throw unknownSource(name, major, source);
  const there = added.find((each) => each.name === name);
  if (there?.archiveSha256 === wheel.sha256) {
    return { status: "present", extension: there, waiting };
  }
  const folder = await mkdtemp(join(tmpdir(), "ds-extension-"));
  try {
    const path = await context.output.step(
      `Fetching ${wheel.file} (${formatBytes(wheel.bytes)})`,
      () => fetchWheel(context, source, wheel, folder),
    );
    return await context.output.step(`Trying ${name} ${source.version}`, async (step) => {
      const origin = { from: wheel.file, licence: source.licence, archiveSha256: wheel.sha256 };
      const addition = await extensions.add({ name, path, ...origin });
      step.finish(additionText(name, addition));
      return addition;
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function additionText(name: string, addition: ExtensionAddition): string {
  if (addition.status === "built-in") return `${name} comes with Postgres`;
  const { version, bytes } = addition.extension;
  return addition.status === "present"
    ? `${name} ${version} was there already`
    : `Added ${name} ${version} (${formatBytes(bytes)})`;
}

function unknownSource(name: string, major: number, source: KnownSource | undefined): DsError {
  const names = knownSources.map((known) => known.name).join(", ");
  const what =
    source === undefined
      ? `ds knows no source of the extension ${name} for PostgreSQL ${major}`
      : `ds knows no build of the extension ${name} for ${process.platform} ${process.arch}`;
  return new DsError("NOT_FOUND", what, {
    reason: "EXTENSION_SOURCE_UNKNOWN",
    hint: `Known by name: ${names}. Of others, name a package built for PostgreSQL ${major}: ds engine extension add ${name} --from <folder|.whl|.deb|.tar.gz>`,
  });
}
