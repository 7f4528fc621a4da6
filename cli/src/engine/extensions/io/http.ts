import type { request as httpRequest, IncomingMessage } from "node:http";
import { trustExtraCertificates } from "../../../runtime/io/extra-certificates.ts";

export interface GetOptions {
  accept: string;
  /** PEM; instead of the usual certificates. */
  ca: string | undefined;
  /** `user:password`, for the host of the first address only. */
  login: string | undefined;
  signal: AbortSignal;
}

export interface Answer {
  /** After redirects. */
  url: URL;
  type: string;
  body: IncomingMessage;
}

const mostRedirects = 5;
const silenceMs = 60_000;

/** Thrown for an answer that is none: its status is the message. */
export class BadStatus extends Error {}

/** A GET that follows redirects, but none from https to http. */
export async function get(first: URL, options: GetOptions): Promise<Answer> {
  let url = first;
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    const body = await send(url, options, url.host === first.host);
    const { statusCode = 0, headers } = body;
    if (statusCode === 200) return { url, type: headers["content-type"] ?? "", body };
    body.resume();
    const next = headers.location;
    const isRedirect = statusCode >= 300 && statusCode < 400 && next !== undefined;
    if (!isRedirect || !URL.canParse(next, url.href)) throw new BadStatus(`${statusCode}`);
    const target = new URL(next, url);
    const isWorse = url.protocol === "https:" && target.protocol !== "https:";
    if (isWorse || !/^https?:$/.test(target.protocol))
      throw new BadStatus(`${statusCode} to ${target.protocol}`);
    url = target;
  }
  throw new BadStatus("too many redirects");
}

async function send(
  url: URL,
  { accept, ca, login, signal }: GetOptions,
  isFirstHost: boolean,
): Promise<IncomingMessage> {
  if (url.protocol === "https:") trustExtraCertificates();
  const { request } =
    url.protocol === "https:" ? await import("node:https") : await import("node:http");
  const headers = {
    accept,
    "user-agent": "ds",
    ...(login !== undefined && isFirstHost
      ? { authorization: `Basic ${Buffer.from(login).toString("base64")}` }
      : {}),
  };
  return new Promise((resolve, reject) => {
    const options = { headers, signal, timeout: silenceMs, ...(ca === undefined ? {} : { ca }) };
    const call = (request as typeof httpRequest)(url, options, resolve);
    call.on("timeout", () => call.destroy(new Error("no answer in time")));
    call.on("error", reject);
    call.end();
  });
}
