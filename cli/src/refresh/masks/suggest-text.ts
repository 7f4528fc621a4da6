import { type Mask, mask } from "../../config/define/masks.ts";

const persons =
  "users?|persons?|customers?|clients?|contacts?|patients?|members?|employees?|owners?|recipients?|senders?|guests?|attendees?|signers?|signatory|billing|shipping|cardholders?|account ?holders?";

/**
 * The mask of a text by the column's name.
 *
 * @param name in words, without digits: `date of birth`
 * @param person whether a row of the table is a person; undefined: not known
 */
export function maskByName(name: string, person: boolean | undefined): Mask {
  const has = (words: string) => new RegExp(`\\b(${words})\\b`).test(name);
  if (has("e ?mails?|mail")) return mask.email();
  if (has("phones?|mobile|cell|fax|tel|telephone|msisdn")) return mask.phone();
  if (has("ip|ip ?address|ip ?addr")) return mask.ip();
  if (has("urls?|uri|link|href|website|homepage|avatar|image|photo|picture")) return mask.url();
  if (has("first ?name|given ?name|forename|middle ?name|fname")) {
    return mask.name({ part: "first" });
  }
  if (has("last ?name|family ?name|surname|lname")) return mask.name({ part: "last" });
  if (has(`full ?name|nick ?name|user ?name|author|(${persons}) names?`)) return mask.name();
  if (has("display ?name") && person !== false) return mask.name();
  if (name === "name" && person === true) return mask.name();
  if (has("company|organi[sz]ation|employer")) return mask.name({ part: "company" });
  const secret = has(
    "ssn|iban|passport|tax id|national id|account number|card number|token|secret|password|hash|digest|key|external id|uid",
  );
  return secret || / (\w*code|number|no|pin|zip)$/.test(` ${name}`) ? mask.token() : mask.text();
}
