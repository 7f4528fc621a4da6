import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Packed } from "./archives.ts";

const suffix = process.platform === "darwin" ? ".dylib" : ".so";

/**
 * Files of an extension with a real module that Postgres does not have by this name: contrib's `cube`, as the home's
 * Postgres brings it, under another one. `folder` is where they lie in the archive.
 */
export function cubeAs(name: string, home: string, folder = "pkg"): Packed[] {
  const [version = ""] = readdirSync(join(home, "postgres")).filter((file) => /^\d/.test(file));
  const postgres = join(home, "postgres", version);
  const scripts = join(postgres, "share", "postgresql", "extension");
  const renamed = (text: string) =>
    text
      .replaceAll("$libdir/cube", `$libdir/${name}`)
      .replaceAll(/extension cube\b/gi, `extension ${name}`);
  const files = readdirSync(scripts)
    .filter((file) => /^cube(--.*\.sql|\.control)$/.test(file))
    .map((file) => ({
      path: `${folder}/share/extension/${file.replace(/^cube/, name)}`,
      content: renamed(readFileSync(join(scripts, file), "utf8")),
    }));
  const module = readFileSync(join(postgres, "lib", "postgresql", `cube${suffix}`));
  return [...files, { path: `${folder}/lib/${name}${suffix}`, content: module }];
}

/** One that is a script alone. */
export function scriptExtension(name: string, sql: string, control = "trusted = true"): Packed[] {
  return [
    { path: `${name}.control`, content: `default_version = '1.0'\n${control}\n` },
    { path: `${name}--1.0.sql`, content: sql },
  ];
}
