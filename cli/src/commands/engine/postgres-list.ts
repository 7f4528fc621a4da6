import type { AppContext } from "../../app-context.ts";
import { table } from "../../lib/terminal/table.ts";

export default async function list({ engine, output }: AppContext): Promise<void> {
  const service = await engine();
  await service.ensure({ asked: true });
  const { postgres, otherPostgres } = await service.status();
  output.result({ own: postgres, others: otherPostgres }, (style) => {
    const rows = otherPostgres.map(({ major, version, bin }) => [
      ...[String(major), version ?? style.yellow("not usable"), bin],
    ]);
    const own = [String(Number.parseInt(postgres.version, 10)), postgres.version, postgres.bin];
    return table([["MAJOR", "VERSION", "DIRECTORY"].map(style.dim), own, ...rows]).join("\n");
  });
}
