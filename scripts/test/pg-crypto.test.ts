import { createRequire } from "node:module";
import { expect, test } from "vitest";
import ours from "../pg-crypto.cjs";

const fromCli = createRequire(new URL("../../cli/package.json", import.meta.url));
const pgs: typeof ours = fromCli("pg/lib/crypto/utils");

const salt = Buffer.from("c2FsdCBvZiBzaXh0ZWVuIQ==", "base64");
const bytes = async (value: Promise<Uint8Array | ArrayBuffer>) =>
  Buffer.from((await value) as Uint8Array).toString("hex");

test("the same functions as pg's", () => {
  expect(Object.keys(ours).sort()).toEqual(Object.keys(pgs).sort());
  expect(ours.randomBytes(18)).toHaveLength(18);
  expect(ours.randomBytes(18)).not.toEqual(ours.randomBytes(18));
});

test.each(["npg_abc", "pässwörd 🌳", "", "x".repeat(200)])("%j: the same results", async (text) => {
  const data = Buffer.from(text);
  for (const iterations of [1, 4096]) {
    expect(await bytes(ours.deriveKey(text, salt, iterations))).toBe(
      await bytes(pgs.deriveKey(text, salt, iterations)),
    );
  }
  expect(await bytes(ours.sha256(data))).toBe(await bytes(pgs.sha256(data)));
  for (const name of ["SHA-256", "SHA-384", "SHA-512"]) {
    expect(await bytes(ours.hashByName(name, data))).toBe(await bytes(pgs.hashByName(name, data)));
  }
  expect(await bytes(ours.hmacSha256(salt, text))).toBe(await bytes(pgs.hmacSha256(salt, text)));
  expect(await ours.md5(text)).toBe(await pgs.md5(text));
  expect(await ours.postgresMd5PasswordHash("me", text, salt)).toBe(
    await pgs.postgresMd5PasswordHash("me", text, salt),
  );
});
