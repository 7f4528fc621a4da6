import type { AppContext } from "../../app-context.ts";

export default async function start({ engine, output }: AppContext): Promise<void> {
  const { url, pid, started } = await (await engine()).ensure({ asked: true });
  output.result(
    { url, pid, started },
    started ? "" : `The engine already runs at ${url} (pid ${pid}).`,
  );
}
