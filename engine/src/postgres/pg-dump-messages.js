// @ts-check
// Where messages of Postgres' protocol begin and end, as far as relaying pg_dump's conversation needs:
// https://www.postgresql.org/docs/18/protocol-message-formats.html. JavaScript for the worker's sake.

/** Requests that the server answers; others it only takes note of until one of these comes. */
const answeredTypes = new Set([..."QSFp"]);

/** Puts together what libpq writes in pieces, until there is something that the server will answer. */
export class RequestBuffer {
  #pending = Buffer.alloc(0);
  /** The first message of a connection has no type, only a length. */
  #started = false;

  /**
   * @param {Uint8Array} bytes
   * @returns {Uint8Array | undefined} what to send before waiting for the answer, if it is time to
   */
  push(bytes) {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    let end = 0;
    let last = "";
    for (;;) {
      const header = this.#started ? 5 : 4;
      if (this.#pending.length < end + header) break;
      const length = this.#pending.readInt32BE(end + header - 4) + header - 4;
      if (this.#pending.length < end + length) break;
      last = this.#started ? String.fromCharCode(this.#pending[end] ?? 0) : "Q";
      this.#started = true;
      end += length;
    }
    if (end === 0 || end < this.#pending.length || !answeredTypes.has(last)) return undefined;
    const whole = this.#pending;
    this.#pending = Buffer.alloc(0);
    return whole;
  }
}

/** Collects the server's messages until its answer is complete. */
export class AnswerBuffer {
  /** @type {Buffer[]} */
  #whole = [];
  #partial = Buffer.alloc(0);
  /** Bytes collected for the answer that is under way. */
  size = 0;

  /**
   * @param {Buffer} bytes
   * @returns {Uint8Array | undefined} the answer, once it is complete
   */
  push(bytes) {
    this.size += bytes.length;
    const data = this.#partial.length > 0 ? Buffer.concat([this.#partial, bytes]) : bytes;
    let end = 0;
    let complete = false;
    while (data.length >= end + 5) {
      const next = end + 1 + data.readInt32BE(end + 1);
      if (data.length < next) break;
      complete = endsAnswer(data.subarray(end, next));
      end = next;
    }
    this.#whole.push(data.subarray(0, end));
    this.#partial = Buffer.from(data.subarray(end));
    if (!complete || this.#partial.length > 0) return undefined;
    const answer = Buffer.concat(this.#whole);
    this.#whole = [];
    this.size = 0;
    return answer;
  }

  /** @returns {Uint8Array} what there is of an answer that will not be completed */
  rest() {
    return Buffer.concat([...this.#whole, this.#partial]);
  }
}

/**
 * ReadyForQuery, or a step of authentication that the client has to answer (neither "done" nor the
 * last word of SASL, which more follows).
 *
 * @param {Buffer} message
 */
function endsAnswer(message) {
  const type = String.fromCharCode(message[0] ?? 0);
  if (type === "Z") return true;
  return type === "R" && ![0, 12].includes(message.readInt32BE(5));
}
