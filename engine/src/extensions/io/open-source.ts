import { spawn } from "node:child_process";
import type { Stats } from "node:fs";
import { lstat, opendir, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { errnoOf } from "../../lib/io/files.ts";
import { arMagic, readAr } from "../ar.ts";
import { checkEntries, largestBytes, mostEntries, type SourceEntry, unreadable } from "../entry.ts";
import { readTar } from "../tar.ts";
import { readZip } from "../zip.ts";

/** The files of a folder, a wheel or other zip, a Debian package, or a .tar.gz. Nothing is unpacked yet. */
export async function openSource(path: string): Promise<SourceEntry[]> {
  const found = await stat(path).catch((error: Error): never => {
    throw unreadable(
      errnoOf(error) === "ENOENT"
        ? `there is no ${path}`
        : `${path} cannot be read: ${error.message}`,
    );
  });
  const entries = found.isDirectory() ? await readFolder(path) : await readArchive(path, found);
  checkEntries(entries);
  return entries;
}

async function readFolder(top: string): Promise<SourceEntry[]> {
  const entries: SourceEntry[] = [];
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for await (const found of await opendir(join(top, folder))) {
      const path = folder === "" ? found.name : `${folder}/${found.name}`;
      if (found.isDirectory()) {
        folders.push(path);
        continue;
      }
      const file = join(top, path);
      const kind = found.isFile() ? "file" : found.isSymbolicLink() ? "link" : "other";
      const { size } = await lstat(file);
      const read = async () =>
        kind === "link" ? Buffer.from(await readlink(file)) : await readFile(file);
      entries.push({ path, bytes: size, kind, read });
      if (entries.length > mostEntries)
        throw unreadable(`${top} has more than ${mostEntries} files`);
    }
  }
  return entries;
}

async function readArchive(path: string, found: Stats): Promise<SourceEntry[]> {
  if (!found.isFile()) throw unreadable(`${path} is neither a file nor a folder`);
  if (found.size > largestBytes) throw unreadable(`${path} is larger than ${largestBytes} bytes`);
  const bytes = await readFile(path);
  if (bytes.toString("latin1", 0, 4) === "PK\x03\x04") return readZip(bytes);
  if (isGzip(bytes)) return readTar(await ungzip(bytes));
  if (bytes.toString("latin1", 0, arMagic.length) === arMagic) return readDebian(bytes);
  throw unreadable(`${path} is no wheel, zip, .tar.gz or Debian package`);
}

async function readDebian(bytes: Buffer): Promise<SourceEntry[]> {
  const data = readAr(bytes).find(({ name }) => name.startsWith("data.tar"));
  if (data === undefined) throw unreadable("the package has no data.tar");
  const kind = data.name.slice("data.tar".length);
  if (kind === "") return readTar(data.content);
  if (kind === ".gz") return readTar(await ungzip(data.content));
  if (kind === ".xz") return readTar(await decompress("xz", data.content));
  if (kind === ".zst") return readTar(await decompress("zstd", data.content));
  throw unreadable(`the package is packed in a way that is not known here: ${data.name}`);
}

const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

const limit = { maxOutputLength: largestBytes };

const ungzip = (bytes: Buffer): Promise<Buffer> =>
  promisify(gunzip)(bytes, limit).catch(notUnpacked);

const notUnpacked = (error: Error): never => {
  const isLarge = errnoOf(error) === "ERR_BUFFER_TOO_LARGE";
  throw unreadable(
    isLarge ? `it unpacks to more than ${largestBytes} bytes` : "the archive cannot be unpacked",
  );
};

/** Node knows neither format of every version; both programs are in every Debian, for which such packages are. */
async function decompress(program: "xz" | "zstd", bytes: Buffer): Promise<Buffer> {
  const child = spawn(program, ["-dc"], { stdio: ["pipe", "pipe", "ignore"] });
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > largestBytes) child.kill("SIGKILL");
    else chunks.push(chunk);
  });
  // One that ends before it has read everything says so by its status.
  child.stdin.on("error", () => {});
  child.stdin.end(bytes);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).catch((error: Error): never => {
    throw unreadable(
      errnoOf(error) === "ENOENT"
        ? `the package is packed with ${program}, which is not installed here: unpack it, and name its folder`
        : `${program} does not run: ${error.message}`,
    );
  });
  if (size > largestBytes) throw unreadable(`it unpacks to more than ${largestBytes} bytes`);
  if (status !== 0) throw unreadable("the package is damaged");
  return Buffer.concat(chunks);
}
