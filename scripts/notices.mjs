// The licences of what is bundled ask for their text beside the copy.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/**
 * One text with the licence of every package that has a file among `inputs`.
 *
 * @param {string} root
 * @param {Iterable<string>} inputs files, relative to the root or absolute
 */
export function thirdPartyNotices(root, inputs) {
  const folders = new Set([...inputs].map(packageFolder).filter((folder) => folder !== undefined));
  /** @type {Map<string, Set<string>>} packages by what they say */
  const packages = new Map();
  for (const folder of folders) {
    const { title, text } = notice(resolve(root, folder));
    packages.set(text, (packages.get(text) ?? new Set()).add(title));
  }
  const parts = [...packages].map(
    ([text, titles]) => `${[...titles].sort().join("\n")}\n\n${text}\n`,
  );
  return parts.sort().join(`\n${"-".repeat(80)}\n\n`);
}

/**
 * `…/node_modules/@scope/name/lib/file.js` -> `…/node_modules/@scope/name`; undefined for our own files.
 *
 * @param {string} file
 */
function packageFolder(file) {
  return /^(?:.*[\\/])?node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/.exec(file)?.[0];
}

/** @param {string} folder */
function notice(folder) {
  const { name, version, license, homepage, repository } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  const texts = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(licen[cs]e|copying|notice)/i.test(entry.name))
    .map(({ name }) => name)
    .sort()
    .map((file) => readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim());
  const source = homepage ?? repository?.url ?? repository;
  return {
    title: [`${name} ${version}`, license, source].filter(Boolean).join(", "),
    text: texts.join("\n\n") || `Licensed under ${license}.`,
  };
}
