import { readFile } from "node:fs/promises";
import { devNull } from "node:os";
import { delimiter, join } from "node:path";
import {
  configDirectory,
  type Environment,
  homeDirectory,
} from "../../../lib/process/environment.ts";
import { type PipSettings, pipSettings } from "../pip-settings.ts";

/** The index that pip uses for this user, without pip: by its files and variables ("Configuration" of its manual). */
export async function readPipSettings(
  env: Environment,
  platform: string = process.platform,
): Promise<PipSettings> {
  const texts = await Promise.all(
    pipFiles(env, platform).map((file) => readFile(file, "utf8").catch(() => "")),
  );
  return pipSettings(texts, {
    indexUrl: env.PIP_INDEX_URL,
    cert: env.PIP_CERT,
    noIndex: env.PIP_NO_INDEX,
  });
}

/** In the order in which pip reads them: of the machine, the user, the virtual environment, and the one that is named. */
function pipFiles(env: Environment, platform: string): string[] {
  const named = env.PIP_CONFIG_FILE;
  if (named === devNull) return [];
  const name = platform === "win32" ? "pip.ini" : "pip.conf";
  const inside = env.VIRTUAL_ENV ? [join(env.VIRTUAL_ENV, name)] : [];
  const user = named ? [] : usersFiles(env, platform);
  return [...machineFiles(env, platform), ...user, ...inside, ...(named ? [named] : [])];
}

function machineFiles(env: Environment, platform: string): string[] {
  if (platform === "win32") return [join(env.PROGRAMDATA ?? "C:\\ProgramData", "pip", "pip.ini")];
  if (platform === "darwin") return ["/Library/Application Support/pip/pip.conf"];
  const folders = (env.XDG_CONFIG_DIRS || "/etc/xdg").split(delimiter);
  return [...folders.map((folder) => join(folder, "pip", "pip.conf")), "/etc/pip.conf"];
}

function usersFiles(env: Environment, platform: string): string[] {
  const user = homeDirectory(env);
  if (platform === "win32") return env.APPDATA ? [join(env.APPDATA, "pip", "pip.ini")] : [];
  const config = configDirectory(env);
  if (user === undefined || config === undefined) return [];
  return [
    join(user, ".pip", "pip.conf"),
    join(config, "pip", "pip.conf"),
    ...(platform === "darwin"
      ? [join(user, "Library", "Application Support", "pip", "pip.conf")]
      : []),
  ];
}
