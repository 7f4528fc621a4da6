// What pg takes from its own lib/crypto/utils.js, on node:crypto: the bundled command has this instead.
// pg's way, Web Crypto, runs on other platforms as well; in Node, loading it takes longer than all the
// rest of a log-in. `scripts/test/pg-crypto.test.ts` compares the two.
const { createHash, createHmac, pbkdf2, randomBytes } = require("node:crypto");
const { promisify } = require("node:util");

const derive = promisify(pbkdf2);

/** @param {string | Buffer} data */
const md5 = async (data) => createHash("md5").update(data).digest("hex");

module.exports = {
  md5,
  randomBytes,

  /** @param {string} password @param {Buffer} salt @param {number} iterations */
  deriveKey: (password, salt, iterations) => derive(password, salt, iterations, 32, "sha256"),

  /** @param {Buffer} data */
  sha256: async (data) => createHash("sha256").update(data).digest(),

  /** @param {string} name as in Web Crypto: SHA-256 @param {Buffer} data */
  hashByName: async (name, data) => createHash(name.replace("-", "")).update(data).digest(),

  /** @param {Buffer} key @param {string} text */
  hmacSha256: async (key, text) => createHmac("sha256", key).update(text).digest(),

  /** @param {string} user @param {string} password @param {Buffer} salt */
  postgresMd5PasswordHash: async (user, password, salt) =>
    `md5${await md5(Buffer.concat([Buffer.from(await md5(password + user)), salt]))}`,
};
