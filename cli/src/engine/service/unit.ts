import { createHash } from "node:crypto";

/** What starts the engine of a home by itself: at log-in, or for root when the machine starts. */
export interface Unit {
  manager: "systemd" | "launchd";
  /** By which the manager knows it. */
  name: string;
  file: string;
  text: string;
}

export interface UnitPlace {
  platform: NodeJS.Platform;
  uid: number;
  /** Of the person: where `~/Library` is. */
  userHome: string;
  /** `~/.config`, or what stands for it. */
  configHome: string;
}

interface EngineProgram {
  /** Node itself. */
  node: string;
  /** The built engine. */
  program: string;
  home: string;
  /** The home that ds takes where no DS_HOME is set: its unit has no more in its name. */
  usualHome: string;
}

/** The first line of a comment: what has it was written by ds, and only that is written over or removed. */
const mark = "Written by ds engine install-service; ds engine uninstall-service removes it.";

export const isOwnUnit = (text: string): boolean => text.includes(mark);

/** Undefined on a platform whose way of starting services ds does not know. */
export function unitOf(engine: EngineProgram, place: UnitPlace): Unit | undefined {
  if (place.platform === "linux") return systemdUnit(engine, place);
  if (place.platform === "darwin") return launchdAgent(engine, place);
  return undefined;
}

/** Of one machine's homes each has its own. */
function suffix({ home, usualHome }: EngineProgram): string {
  if (home === usualHome) return "";
  return `-${createHash("sha256").update(home).digest("hex").slice(0, 8)}`;
}

/** systemd.unit(5), systemd.service(5). */
function systemdUnit(engine: EngineProgram, place: UnitPlace): Unit {
  const name = `ds-engine${suffix(engine)}.service`;
  const isRoot = place.uid === 0;
  const folder = isRoot ? "/etc/systemd/system" : `${place.configHome}/systemd/user`;
  const command = [engine.node, engine.program, "serve", "--home", engine.home];
  const text = [
    `# ${mark}`,
    "[Unit]",
    "Description=Database branches of ds",
    "",
    "[Service]",
    `ExecStart=${command.map(systemdWord).join(" ")}`,
    "Restart=on-failure",
    "RestartSec=5",
    // The engine itself stops what it runs, in order; what is left after that is killed.
    "KillMode=mixed",
    "TimeoutStopSec=120",
    "StandardOutput=null",
    "StandardError=null",
    "",
    "[Install]",
    `WantedBy=${isRoot ? "multi-user.target" : "default.target"}`,
    "",
  ].join("\n");
  return { manager: "systemd", name, file: `${folder}/${name}`, text };
}

/** A word of ExecStart, in which `%`, `$`, quotes and backslashes would otherwise mean something. */
function systemdWord(word: string): string {
  const escaped = word
    .replace(/[\\"]/g, "\\$&")
    .replace(/%/g, "%%")
    .replace(/\$/g, "$$$$")
    .replace(/\n/g, "\\n");
  return `"${escaped}"`;
}

/** launchd.plist(5). */
function launchdAgent(engine: EngineProgram, place: UnitPlace): Unit {
  const label = `dev.devstride.ds-engine${suffix(engine)}`;
  const isRoot = place.uid === 0;
  const folder = isRoot ? "/Library/LaunchDaemons" : `${place.userHome}/Library/LaunchAgents`;
  const command = [engine.node, engine.program, "serve", "--home", engine.home];
  const text = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    `<!-- ${mark} -->`,
    '<plist version="1.0">',
    "<dict>",
    "  <key>Label</key>",
    `  <string>${label}</string>`,
    "  <key>ProgramArguments</key>",
    "  <array>",
    ...command.map((word) => `    <string>${xmlText(word)}</string>`),
    "  </array>",
    "  <key>RunAtLoad</key>",
    "  <true/>",
    // Started anew after a crash, not after `ds engine stop`.
    "  <key>KeepAlive</key>",
    "  <dict>",
    "    <key>SuccessfulExit</key>",
    "    <false/>",
    "  </dict>",
    "  <key>ExitTimeOut</key>",
    "  <integer>120</integer>",
    "</dict>",
    "</plist>",
    "",
  ].join("\n");
  return { manager: "launchd", name: label, file: `${folder}/${label}.plist`, text };
}

const xmlText = (text: string): string =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** The built engine that a unit of ours starts, for the look whether it is still there; undefined where none is named. */
export function programOf({ manager, text }: Pick<Unit, "manager" | "text">): string | undefined {
  if (manager === "systemd") {
    const words = /^ExecStart=(.*)$/m.exec(text)?.[1]?.match(/"(?:\\.|[^"\\])*"/g);
    const word = words?.[1]?.slice(1, -1);
    return word
      ?.replace(/%%/g, "%")
      .replace(/\$\$/g, "$")
      .replace(/\\(.)/g, (_, after) => (after === "n" ? "\n" : after));
  }
  const strings = [...text.matchAll(/^ {4}<string>(.*)<\/string>$/gm)].map(([, word]) => word);
  return strings[1]?.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

/** The commands that make the manager take it up, in order. */
export function enableCommands(
  unit: Unit,
  { uid, now }: { uid: number; now: boolean },
): string[][] {
  if (unit.manager === "launchd") {
    return [["launchctl", "bootstrap", uid === 0 ? "system" : `gui/${uid}`, unit.file]];
  }
  const systemctl = ["systemctl", ...(uid === 0 ? [] : ["--user"])];
  return [
    [...systemctl, "daemon-reload"],
    [...systemctl, "enable", ...(now ? ["--now"] : []), unit.name],
  ];
}

/** The commands that make the manager forget it; the first before its file goes, the rest after. An engine that runs goes on. */
export function disableCommands(unit: Unit, uid: number): string[][] {
  if (unit.manager === "launchd") {
    return [["launchctl", "bootout", `${uid === 0 ? "system" : `gui/${uid}`}/${unit.name}`]];
  }
  const systemctl = ["systemctl", ...(uid === 0 ? [] : ["--user"])];
  return [
    [...systemctl, "disable", unit.name],
    [...systemctl, "daemon-reload"],
  ];
}
