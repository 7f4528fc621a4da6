/** What a branch or a snapshot takes on the disk, in bytes. */
export interface DiskSize {
  id: string;
  projectId: string;
  name: string;
  kind: "branch" | "snapshot" | "replica";
  /** The data directory, its log included; blocks that it shares with others are counted in full. */
  dataBytes: number;
  /** Of that, the write-ahead log. */
  walBytes: number;
  /** The copies from which its past is made again. */
  bases: number;
  basesBytes: number;
  /** What nobody else shares: it is free once this is deleted. Null where the system does not tell. */
  ownBytes: number | null;
}

/** Answer of `GET /engine/sizes`. */
export interface DiskSizes {
  sizes: DiskSize[];
  /** Of all of them, each block counted once; null where the system does not tell. */
  allBytes: number | null;
}
