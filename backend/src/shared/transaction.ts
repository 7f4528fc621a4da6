/** Runs `work` with ports that share one transaction: all of it is stored, or nothing. */
export type InTransaction<Ports> = <T>(work: (ports: Ports) => Promise<T>) => Promise<T>;
