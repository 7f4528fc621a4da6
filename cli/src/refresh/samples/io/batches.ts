import { type Unseen, whyUnseen } from "../unseen.ts";
import { type Asks, attempt, type Patience, usualPatience } from "./attempt.ts";

interface Batches<T> {
  /** Widths of what one statement asks about, in all. */
  atOnce: number;
  width(of: T): number;
  /** Asks about some of them, and gives what notes the answer. */
  look(some: readonly T[]): Promise<() => void>;
  /** It could not be asked about. */
  noteUnseen(of: T, why: Omit<Unseen, "of">): void;
  /** With what is asked about many, and about one by itself. */
  patience?: { together: Patience; alone: Patience };
  /** Whether there is no time for more questions. */
  isLate?(): boolean;
}

/** Looks at many in one statement. Where the server fails at that, at each by itself, so that one alone is unseen. */
export async function inBatches<T>(
  client: Asks,
  all: readonly T[],
  batches: Batches<T>,
): Promise<void> {
  const { look, noteUnseen, isLate = () => false } = batches;
  const { together, alone } = batches.patience ?? { together: usualPatience, alone: usualPatience };
  for (const some of batchesOf(all, batches)) {
    const [only, ...others] = some;
    if (isLate()) {
      for (const each of some) noteUnseen(each, { why: "TOO_SLOW" });
      continue;
    }
    const patience = others.length === 0 ? alone : together;
    const found = await attempt(client, () => look(some), patience);
    if ("value" in found) found.value();
    else if (others.length === 0 && only !== undefined) {
      noteUnseen(only, whyUnseen(found.sqlState));
    } else {
      for (const each of some) await inBatches(client, [each], batches);
    }
  }
}

function batchesOf<T>(all: readonly T[], { atOnce, width }: Batches<T>): T[][] {
  const batches: T[][] = [];
  let taken = atOnce;
  for (const each of all) {
    taken += width(each);
    const batch = batches.at(-1);
    if (batch !== undefined && taken <= atOnce) batch.push(each);
    else {
      batches.push([each]);
      taken = width(each);
    }
  }
  return batches;
}
