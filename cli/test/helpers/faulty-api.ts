import { once } from "node:events";
import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";

export interface Fault {
  method: string;
  path: RegExp;
  /** How many of the matching requests it hits. */
  times: number;
  /** `lost`: carried out, and the answer never arrives. */
  answer: number | "lost";
}

/** The management API behind a proxy that fails as it is told. */
export async function startFaultyApi(upstream: string) {
  const faults: Fault[] = [];
  const target = new URL(upstream);
  const server = createServer((incoming, outgoing) => {
    const fault = faults.find(
      ({ method, path, times }) =>
        times > 0 && method === incoming.method && path.test(incoming.url ?? ""),
    );
    if (fault) fault.times -= 1;
    if (fault && fault.answer !== "lost") {
      incoming.resume();
      outgoing.writeHead(fault.answer, { "content-type": "application/json" });
      outgoing.end(JSON.stringify({ code: "", message: "by the test", request_id: "1" }));
      return;
    }
    const { host: _, ...headers } = incoming.headers;
    const { hostname, port } = target;
    const options = { hostname, port, method: incoming.method, path: incoming.url, headers };
    const call = send(options, (answer) => {
      if (fault) {
        answer.resume().on("end", () => outgoing.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    call.on("error", () => outgoing.destroy());
    incoming.pipe(call);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${target.pathname}`,
    /** From now on these, and no others. */
    fail: (...next: Fault[]) => {
      faults.splice(0, faults.length, ...next);
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
