import type { AppContext } from "../../app-context.ts";
import { createVolume } from "../../engine/io/create-volume.ts";
import { DsError } from "../../errors/ds-error.ts";

interface Flags {
  size: string | undefined;
}

export default async function volumeCreate(context: AppContext, flags: Flags): Promise<void> {
  const size = flags.size ?? "20G";
  if (!/^[1-9]\d{0,5}[MGT]$/.test(size)) {
    throw new DsError(
      "USAGE",
      `--size must be a number with M, G or T, such as 20G, not "${size}"`,
    );
  }
  await createVolume(context, size);
  context.output.result({ created: true, home: context.home, size }, "");
}
