import { createPrivateKey, X509Certificate } from "node:crypto";
import { chown, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext, type SecureContext } from "node:tls";
import { readJson, writeFileAtomic } from "../../lib/io/files.ts";
import type { PostgresUser } from "./os-user.ts";

export interface Certificate {
  certFile: string;
  keyFile: string;
}

const tenYears = 10 * 365 * 24 * 3600 * 1000;

/**
 * A self-signed certificate for localhost, made once. Postgres needs one for TLS, and clients which
 * ask for channel binding need TLS.
 */
export async function ensureCertificate(
  directory: string,
  user: PostgresUser | undefined,
): Promise<Certificate> {
  const certificate = {
    certFile: join(directory, "server.crt"),
    keyFile: join(directory, "server.key"),
  };
  const marker = join(directory, "made.json");
  const made = await readJson<{ notAfter: string } | null>(marker).catch(() => undefined);
  const isValid = made && Date.parse(made.notAfter) > Date.now() + tenYears / 10;
  if (isValid && (await isWhole(certificate))) return certificate;

  // CommonJS: bundled, only its default export is there.
  const { generate } = (await import("selfsigned")).default;
  const notAfterDate = new Date(Date.now() + tenYears);
  const pems = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
    notAfterDate,
    extensions: [
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
        ],
      },
    ],
  });
  await writeFileAtomic(certificate.certFile, pems.cert, 0o644);
  await writeFileAtomic(certificate.keyFile, pems.private, 0o600);
  if (user) await chown(certificate.keyFile, user.uid, user.gid);
  // Last: its presence says that both files are whole.
  await writeFileAtomic(marker, JSON.stringify({ notAfter: notAfterDate.toISOString() }));
  return certificate;
}

/** For whoever answers in Postgres' place. */
export async function readTlsContext({ certFile, keyFile }: Certificate): Promise<SecureContext> {
  const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
  return createSecureContext({ cert, key });
}

/** Whether both files are there and belong together: Postgres does not start with others. */
async function isWhole({ certFile, keyFile }: Certificate): Promise<boolean> {
  try {
    const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}
