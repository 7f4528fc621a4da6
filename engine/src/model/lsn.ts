/** initdb's default, which all our clusters have. */
const segmentBytes = 16n * 1024n * 1024n;

/** "1/AB" as one number of bytes; undefined when it is not a log sequence number. */
export function parseLsn(text: string): bigint | undefined {
  const parts = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text);
  if (!parts) return undefined;
  return (BigInt(`0x${parts[1]}`) << 32n) | BigInt(`0x${parts[2]}`);
}

export function formatLsn(lsn: bigint): string {
  return `${(lsn >> 32n).toString(16)}/${(lsn & 0xffffffffn).toString(16)}`.toUpperCase();
}

/** Name of the file in pg_wal that holds this position. */
export function segmentName(timeline: number, lsn: bigint): string {
  const segment = lsn / segmentBytes;
  const perLog = 0x1_0000_0000n / segmentBytes;
  return [BigInt(timeline), segment / perLog, segment % perLog]
    .map((part) => part.toString(16).toUpperCase().padStart(8, "0"))
    .join("");
}

export const isSegment = (name: string) => /^[0-9A-F]{24}$/.test(name);

/** "START WAL LOCATION: 0/2000028 (file 000000010000000000000002)" */
export function segmentOfLabel(label: string): string {
  const segment = /^START WAL LOCATION: .* \(file ([0-9A-F]{24})\)/m.exec(label)?.[1];
  if (!segment) throw new Error(`this backup label names no segment: ${label}`);
  return segment;
}

/** What a summary of a log is of, by its name: `<timeline><from><to>.summary`, eight digits and sixteen each. */
export function summaryOf(name: string): { from: bigint; to: bigint } | undefined {
  const [, from, to] = /^[0-9A-F]{8}([0-9A-F]{16})([0-9A-F]{16})\.summary$/.exec(name) ?? [];
  return from && to ? { from: BigInt(`0x${from}`), to: BigInt(`0x${to}`) } : undefined;
}
