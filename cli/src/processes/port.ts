/** Who listens on a port. */
export interface PortHolder {
  pid: number;
  name: string;
}

/** The first process of what `lsof -Fpc` prints. */
export function parseLsof(text: string): PortHolder | undefined {
  const [, pid, name] = /^p(\d+)\nc(.*)$/m.exec(text) ?? [];
  return pid === undefined || name === undefined ? undefined : { pid: Number(pid), name };
}

/** For people: `port 3000 is taken by node (pid 123)`. */
export function portTaken(port: number, holder: PortHolder | undefined): string {
  const by = holder === undefined ? "another process" : `${holder.name} (pid ${holder.pid})`;
  return `port ${port} is taken by ${by}`;
}

/** What to do about it. */
export const freeThePort = (port: number, holder: PortHolder | undefined): string =>
  holder === undefined
    ? `End what listens on port ${port}, or configure another \`port\` in ds.config.ts`
    : `End it (kill ${holder.pid}), or configure another \`port\` in ds.config.ts`;
