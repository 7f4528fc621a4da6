import { meaningOf, type Sayings } from "../lib/text/sayings.ts";

interface Refusal {
  /** Completes "cannot connect to x: ". */
  reason: string;
  hint: string;
  /** It may be otherwise in a moment. */
  passes?: true;
}

/**
 * Why the proxy in front of Neon's computes lets nobody in: its sentences, which come without a SQLSTATE of their own, and
 * what helps. After the errors of its source and Neon's list of connection errors (2026).
 */
const sentences: Sayings<Refusal> = [
  {
    says: /^this ip address .*is not allowed to connect to this endpoint\b/i,
    means: {
      reason: "this machine's IP address is not in the project's list of allowed ones (IP Allow)",
      hint: "Add it in the project's settings in Neon's console, or connect through a network that is allowed.",
    },
  },
  {
    says: /^access (?:to this endpoint )?(?:from|over|via) (?:the )?public (?:internet|networks?) is (?:blocked|disabled)\b/i,
    means: {
      reason: "the project blocks connections from the public internet",
      hint: "Connect through its private network, or allow public connections in the project's settings in Neon's console.",
    },
  },
  {
    says: /^your (?:account or )?project has exceeded the (?:compute time|data transfer) quota\b/i,
    means: {
      reason: "the plan's limit of compute time or data transfer is reached",
      hint: "It begins anew with the next billing period. Or take a larger plan in Neon's console.",
    },
  },
  {
    says: /^(?:you have )?exceeded the limit of concurrently active endpoints\b/i,
    means: {
      reason: "the plan's limit of computes that run at a time is reached",
      hint: "Those that nobody uses are suspended after some minutes; try again then.",
    },
  },
  {
    says: /^too many connections to this endpoint\b/i,
    means: {
      reason: "the endpoint has too many connections",
      hint: "Try again in a moment.",
      passes: true,
    },
  },
  {
    says: /^the endpoint has been disabled\b|^endpoint is disabled\b/i,
    means: { reason: "its endpoint is disabled", hint: "Enable it in Neon's console." },
  },
  {
    says: /^(?:control plane request failed|couldn't connect to compute node)\b/i,
    means: {
      reason: "its compute cannot be started right now",
      hint: "Try again in a moment. For Neon's cloud see https://neonstatus.com",
      passes: true,
    },
  },
];

/** Undefined for what is not one of them. */
export const proxySays = (message: string): Refusal | undefined =>
  meaningOf(sentences, message.replace(/^(?:FATAL|ERROR):\s*/, ""));
