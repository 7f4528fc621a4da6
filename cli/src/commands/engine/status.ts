import type { AppContext } from "../../app-context.ts";
import { formatBytes } from "../../lib/format/bytes.ts";
import { formatDuration } from "../../lib/format/duration.ts";
import { plural } from "../../lib/format/plural.ts";
import { table } from "../../lib/terminal/table.ts";

export default async function status({ engine, home, output }: AppContext): Promise<void> {
  const service = await engine();
  if (!(await service.running())) {
    output.result(
      { running: false, home },
      `No engine runs for ${home}. Start it: ds engine start`,
    );
    return;
  }
  const found = await service.status();
  const { clone, disk, postgres } = found;
  output.result({ running: true, ...found }, (style) =>
    [
      ...table([
        [
          "Engine",
          `${style.green("running")} at ${found.url} (version ${found.version}, pid ${found.pid})`,
        ],
        ["Since", `${formatDuration(Date.now() - Date.parse(found.startedAt))} ago`],
        ["Home", found.home],
        [
          "Disk",
          `${formatBytes(disk.usedBytes)} used, ${formatBytes(disk.freeBytes)} free (${disk.volume})`,
        ],
        [
          "Branches",
          `${found.branches} in ${found.projects} projects, ${found.computesRunning} running`,
        ],
        ["Copying", clone.reason ? `${clone.method}: ${clone.reason}` : clone.method],
        ["Postgres", `${postgres.version} (${postgres.bin})`],
      ]),
      ...(clone.advice ? [`\n${clone.advice}`] : []),
      ...(found.quarantine.length > 0
        ? [
            `${style.yellow("!")} ${plural(found.quarantine.length, "data directory", "data directories")} set aside, as no branch refers to them: ds engine quarantine list`,
          ]
        : []),
      ...found.problems.map((problem) => `${style.yellow("!")} ${problem}`),
    ].join("\n"),
  );
}
