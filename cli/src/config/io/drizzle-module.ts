import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import type { BuildOptions, Loader, Plugin } from "esbuild";
import { holdsCredential } from "../drizzle-settings.ts";
import { compiledCode } from "./evaluate.ts";

/** The first line of a compiled form that is an ES module; the others are CommonJS. */
export const moduleMark = "// ES module";

/**
 * A drizzle config as one module. drizzle-kit loads it, and each file that it imports, as CommonJS, whatever
 * package.json calls them; so `module.exports`, `require` and `export default` all work in all of them. What
 * cannot be CommonJS, as it awaits something at its top, is compiled as an ES module.
 */
export async function drizzleModule(file: string, home: string): Promise<string> {
  const may = (code: string) => !holdsCredential(code);
  return compiledCode(file, home, [commonJs, esModule], may);
}

/** A file's own address, in each file. */
function ownPlace(file: string): Record<string, string> {
  const [url, path, folder] = [pathToFileURL(file).href, file, dirname(file)].map((text) =>
    JSON.stringify(text),
  ) as [string, string, string];
  return {
    "import.meta.url": url,
    "import.meta.filename": path,
    "import.meta.dirname": folder,
    __filename: path,
    __dirname: folder,
  };
}

const filesAsCommonJs: Plugin = {
  name: "files-as-commonjs",
  setup(hooks) {
    hooks.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async ({ path }) => {
      try {
        const { code } = await hooks.esbuild.transform(readFileSync(path, "utf8"), {
          loader: /\.[cm]?(?<loader>[jt]sx?)$/.exec(path)?.groups?.loader as Loader,
          format: "cjs",
          platform: "node",
          target: "node20",
          sourcefile: path,
          define: ownPlace(path),
        });
        return { contents: code, loader: "js" };
      } catch (error) {
        const { errors } = error as { errors?: [] };
        if (errors === undefined) throw error;
        return { errors };
      }
    });
  },
};

/** Packages may not bear being bundled, and are none of what the compiled form depends on. */
function resolving({ keepType }: { keepType: boolean }): Plugin {
  return {
    name: "packages-stay-outside",
    setup(hooks) {
      const underWay = {};
      hooks.onResolve({ filter: /./ }, async ({ path, pluginData, ...from }) => {
        if (pluginData === underWay) return undefined;
        const { importer, namespace, resolveDir, with: attributes } = from;
        const where = { importer, namespace, resolveDir, with: attributes, pluginData: underWay };
        const isRequired = from.kind.startsWith("require");
        let found = await hooks.resolve(path, { ...where, kind: from.kind });
        if (found.errors.length > 0 && isRequired) {
          // A package for `import` alone can be required all the same.
          const imported = await hooks.resolve(path, { ...where, kind: "import-statement" });
          if (imported.errors.length === 0) found = imported;
        }
        if (found.external || found.errors.length > 0) return found;
        if (/[\\/]node_modules[\\/]/.test(found.path)) {
          return { path: isRequired ? found.path : pathToFileURL(found.path).href, external: true };
        }
        // A path alone has no type: package.json is not asked how it is to be read.
        return keepType ? found : { path: found.path };
      });
    },
  };
}

const commonJs: BuildOptions = {
  format: "cjs",
  conditions: [],
  define: {},
  plugins: [resolving({ keepType: false }), filesAsCommonJs],
};

const esModule: BuildOptions = {
  conditions: [],
  banner: { js: moduleMark },
  plugins: [resolving({ keepType: true })],
};
