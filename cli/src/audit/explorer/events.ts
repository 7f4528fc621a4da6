import type { Sources } from "../sources.ts";
import type { Judged } from "../verdict.ts";
import { type Explorer, type Notice, type Size, scrolled, settled } from "./state.ts";

// What happens to the explorer without a key.

export function resized(state: Explorer, size: Size): Explorer {
  return scrolled({ ...state, size });
}

/** A source has answered, or all of them anew. */
export function heard(state: Explorer, sources: Sources, all: Judged[], now: number): Explorer {
  return settled({ ...state, sources, all, now });
}

export function working(state: Explorer, work: string | undefined): Explorer {
  return { ...state, work };
}

export function told(state: Explorer, tone: Notice["tone"], text: string): Explorer {
  return { ...state, notice: { tone, text } };
}
