import type { AppContext } from "../../app-context.ts";
import type { DiskSizes, EngineStatus } from "../../engine/contract.ts";
import { diskTable } from "../../engine/disk-table.ts";
import { formatBytes } from "../../lib/format/bytes.ts";
import { formatDuration } from "../../lib/format/duration.ts";
import { plural } from "../../lib/format/plural.ts";
import type { Style } from "../../lib/terminal/style.ts";
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
  const [found, disks] = [await service.status(), await service.sizes()];
  const { clone, disk, postgres } = found;
  output.result({ running: true, ...found, ...disks }, (style) =>
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
          `${usedText(disk.usedBytes, disks)}, ${formatBytes(disk.freeBytes)} free (${disk.volume})`,
        ],
        [
          "Branches",
          `${found.branches} in ${found.projects} projects, ${found.computesRunning} running`,
        ],
        ["Copying", clone.reason ? `${clone.method}: ${clone.reason}` : clone.method],
        ["Postgres", `${postgres.version} (${postgres.bin})`],
        ...found.otherPostgres.map(({ version, bin }) => [
          "",
          `${version ?? style.yellow("not usable")} (${bin})`,
        ]),
        ...found.replicas.map(({ endpointId, branch, lagBytes }) => [
          "Replica",
          `${endpointId} of ${branch}, ${lagText(lagBytes)}`,
        ]),
        ...(found.extensions.length > 0 ? [["Extensions", `added: ${addedText(found)}`]] : []),
      ]),
      ...sizesTable(disks, style),
      ...(clone.advice ? [`\n${clone.advice}`] : []),
      ...(found.quarantine.length > 0
        ? [
            `${style.yellow("!")} ${plural(found.quarantine.length, "data directory", "data directories")} set aside; what and why: ds engine quarantine list`,
          ]
        : []),
      ...found.problems.map((problem) => `${style.yellow("!")} ${problem}`),
    ].join("\n"),
  );
}

const lagText = (bytes: number | null): string => {
  if (bytes === null) return "its branch sleeps";
  return bytes === 0 ? "up to date" : `${formatBytes(bytes)} behind`;
};

const addedText = ({ extensions }: Pick<EngineStatus, "extensions">): string =>
  extensions.map(({ name, version }) => `${name} ${version}`).join(", ");

/** All that is on the volume, with what branches share counted once where that is known. */
const usedText = (bytes: number, { allBytes }: DiskSizes): string =>
  allBytes === null
    ? `${formatBytes(bytes)} used at most, as shared blocks are counted for each branch`
    : `${formatBytes(bytes)} used, ${formatBytes(allBytes)} of it by branches`;

function sizesTable({ sizes }: DiskSizes, style: Style): string[] {
  if (sizes.length === 0) return [];
  const rows = sizes.map((disk) => ({
    label: disk.kind === "branch" ? disk.name : `${disk.name} (${disk.kind})`,
    disk,
  }));
  return ["", ...table(diskTable(rows, style))];
}
