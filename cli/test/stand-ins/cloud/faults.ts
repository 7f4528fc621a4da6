import type { Random } from "./random.ts";

export type Fault =
  /** Refused, with nothing done. */
  | { is: "refused"; status: number; retryAfter?: number }
  /** The connection is cut before anything is done. */
  | { is: "cut" }
  /** Carried out, and the answer is lost: no byte of it, half of it, or a gateway's error instead. */
  | { is: "lost"; how: "nothing" | "half" | 502 | 504 }
  /** Somebody else has just begun an operation on the project. */
  | { is: "busy" };

/** How often each happens to a request, from 0 to 1. */
export interface FaultRates {
  /** A burst of refusals for too many requests begins. */
  limited: number;
  failing: number;
  cut: number;
  /** Of changes alone. */
  lost: number;
  busy: number;
}

export const usualRates: FaultRates = {
  limited: 0.02,
  failing: 0.03,
  cut: 0.02,
  lost: 0.15,
  busy: 0.1,
};

/** Decides what goes wrong with each request. */
export class Faults {
  rates: FaultRates;
  readonly happened: Record<string, number> = {};
  readonly #random: Random;
  /** How many refusals the burst has left. */
  #burst = 0;

  constructor(random: Random, rates: FaultRates) {
    this.#random = random;
    this.rates = rates;
  }

  next(isChange: boolean): Fault | undefined {
    const fault = this.#next(isChange);
    if (fault !== undefined) this.count(nameOf(fault));
    return fault;
  }

  count(name: string): void {
    this.happened[name] = (this.happened[name] ?? 0) + 1;
  }

  #next(isChange: boolean): Fault | undefined {
    const random = this.#random;
    const { limited, failing, cut, lost, busy } = this.rates;
    if (this.#burst === 0 && random.chance(limited)) this.#burst = Math.ceil(random.between(0, 4));
    if (this.#burst > 0) {
      this.#burst -= 1;
      return { is: "refused", status: 429, ...(random.chance(0.2) ? { retryAfter: 1 } : {}) };
    }
    if (random.chance(failing)) {
      return { is: "refused", status: random.pick([500, 502, 503, 504]) };
    }
    if (random.chance(cut)) return { is: "cut" };
    if (!isChange) return undefined;
    if (random.chance(lost)) {
      return { is: "lost", how: random.pick(["nothing", "half", 502, 504]) };
    }
    return random.chance(busy) ? { is: "busy" } : undefined;
  }
}

function nameOf(fault: Fault): string {
  if (fault.is === "refused") return String(fault.status);
  return fault.is === "lost" ? `lost: ${fault.how}` : fault.is;
}
