/**
 * Which names a request may reach the engine by. Without this check a web page could talk to it
 * through a name of its own that resolves to 127.0.0.1.
 */
export function isLoopbackHost(host: string): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host);
}

/** True for the `Origin` of a page that was itself served from this machine. */
export function isLoopbackOrigin(origin: string): boolean {
  const host = /^https?:\/\/([^/]+)$/i.exec(origin)?.[1];
  return host !== undefined && isLoopbackHost(host);
}
