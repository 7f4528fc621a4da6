export type RemoteAddress = { remote: string } | { path: string };

const defaultPorts: Record<string, string> = { ssh: "22", https: "443", http: "80", git: "9418" };

/** One spelling of a remote's URL: without scheme, login, `.git` and the case of the host. */
export function remoteAddress(url: string): RemoteAddress {
  const [, scheme, rest = ""] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(url) ?? [];
  if (scheme?.toLowerCase() === "file") return { path: rest.replace(/^localhost(?=\/)/, "") };
  if (scheme !== undefined) {
    const [, authority = "", path = ""] = /^([^/]*)(.*)$/.exec(rest) ?? [];
    const port = defaultPorts[scheme.toLowerCase().replace(/^git\+/, "")];
    const host = withoutLogin(authority).toLowerCase();
    return address(
      port !== undefined && host.endsWith(`:${port}`) ? host.slice(0, -port.length - 1) : host,
      path,
    );
  }
  // As scp writes it: user@host:path. A colon behind a slash is part of a path.
  const [, host, path = ""] = /^((?:[^/@]*@)?(?:\[[^\]]*\]|[^:/]+)):(.*)$/.exec(url) ?? [];
  if (host === undefined) return { path: url };
  return address(
    withoutLogin(host)
      .toLowerCase()
      .replace(/^\[([^\]:]*)(?::22)?\]$/, "$1"),
    path,
  );
}

/** The remote that says which repository this is, of what `git remote --verbose` prints: origin, else the only one. */
export function ownRemoteUrl(listing: string): string | undefined {
  const urls = new Map<string, string>();
  for (const line of listing.split("\n")) {
    const [, name, url] = /^([^\t]+)\t(.*) \(fetch\)/.exec(line) ?? [];
    if (name !== undefined && url && !urls.has(name)) urls.set(name, url);
  }
  return urls.get("origin") ?? (urls.size === 1 ? [...urls.values()][0] : undefined);
}

const withoutLogin = (authority: string) => authority.slice(authority.lastIndexOf("@") + 1);

function address(host: string, path: string): RemoteAddress {
  const [plain = ""] = path.split(/[?#]/);
  const trimmed = plain.replace(/^\/+|\/+$/g, "").replace(/\.git$/, "");
  return { remote: `${host}/${trimmed}` };
}
