import type { Socket } from "node:net";

const firstPacketTimeoutMs = 10_000;
/** Postgres' own limit (MAX_STARTUP_PACKET_LENGTH). */
const longestFirstPacket = 10_000;

/** Undefined where it does not come whole, or in time. */
export function firstPacket(client: Socket): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const limit = setTimeout(() => client.destroy(), firstPacketTimeoutMs);
    const done = (packet: Buffer | undefined) => {
      clearTimeout(limit);
      client.off("data", onData);
      client.off("close", onClose);
      if (packet) client.pause();
      resolve(packet);
    };
    const onData = (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      if (isWhole(received)) done(received);
    };
    const onClose = () => done(undefined);
    client.on("data", onData);
    client.on("close", onClose);
  });
}

/** Of Postgres' protocol as long as it says; of any other, enough to tell it. */
function isWhole(packet: Buffer): boolean {
  if (packet[0] !== 0) return packet.length >= 8 || packet[0] === tlsHandshake;
  if (packet.length < 8) return false;
  return packet.length >= Math.min(packet.readInt32BE(0), longestFirstPacket);
}

/** TLS from the first byte (`sslnegotiation=direct`). */
const tlsHandshake = 0x16;
