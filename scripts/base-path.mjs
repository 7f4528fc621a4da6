import { accessSync, constants, mkdirSync, statSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** What README.md asks for, and what every Linux and macOS that runs it has. */
const programs = [
  "node npm npx git",
  "sh bash env which",
  "[ basename cat chmod chown cmp cp cut date dd df diff dirname du echo expr false find grep egrep head hostname id",
  "install kill ln locale ls mkdir mkfifo mktemp mv nice nohup od paste printf ps pwd readlink realpath rm rmdir sed",
  "seq sleep sort split stat stty sync tail tar tee test touch tr true tty uname uniq wc whoami xargs yes",
  "awk gzip gunzip getconf sha256sum shasum timeout",
  "mount umount losetup script setsid",
].flatMap((line) => line.split(" "));

/**
 * Makes a folder of links to these programs, which is a PATH for what must not depend on anything else that this machine has.
 *
 * @param {string} folder
 */
export function makeBasePath(folder) {
  mkdirSync(folder, { mode: 0o755 });
  // As administrators have it: mount and its like are beside the others' programs on many systems.
  const places = `${process.env.PATH}:/usr/sbin:/sbin`.split(delimiter);
  for (const name of programs) {
    const file = name === "node" ? process.execPath : find(name, places);
    if (file !== undefined) symlinkSync(file, join(folder, name));
  }
  return folder;
}

/**
 * @param {string} name
 * @param {string[]} places
 */
function find(name, places) {
  // A version manager's programs belong together; the packages' own in node_modules are nobody's.
  const own = [dirname(process.execPath), ...places].filter(
    (place) => place !== "" && !place.includes("node_modules"),
  );
  return own.map((place) => join(place, name)).find(isProgram);
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
