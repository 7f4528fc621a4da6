import { isLocalHost } from "../../postgres/connection-url.ts";

/** What must not be in a comment, and what it is for people. Its value is never shown. */
export interface Secret {
  what: string;
  value: string;
}

/** Looks of secrets of whomever; what is known of this run comes on top. */
const shapes: readonly { what: string; looks: RegExp }[] = [
  {
    what: "a connection string",
    looks: /\b(?:postgres(?:ql)?|mysql|mongodb(?:\+srv)?|rediss?):\/\//,
  },
  {
    what: "an address with a password",
    looks: /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@"'`]*:[^\s/@]+@/i,
  },
  { what: "a password or key of Neon's", looks: /\b(?:npg|napi)_[A-Za-z0-9]{8,}/ },
  {
    what: "the host of a branch on Neon",
    looks: /\bep-[a-z0-9]+-[a-z0-9]+-[a-z0-9]+[a-z0-9.-]*\.neon\.(?:tech|build)\b/i,
  },
  { what: "a token of GitHub's", looks: /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})/ },
  { what: "a key of AWS", looks: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/ },
  { what: "a token of Pulumi's", looks: /\bpul-[0-9a-f]{40}\b/ },
  { what: "a private key", looks: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
  { what: "a signed token", looks: /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/ },
];

/** Variables that hold what opens something, by their name. */
const secretName = /(?:TOKEN|KEY|SECRET|PASSWORD|PASSPHRASE|PASSWD|CREDENTIALS?)(?:_|$)/i;
/** Variables of any name that hold a connection string. */
const connectionString = /^[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/]*@/i;
/** A shorter one is found in ordinary words. */
const shortest = 8;

/** What of the environment is secret. */
export function secretsOfEnvironment(env: Readonly<Record<string, string | undefined>>): Secret[] {
  return Object.entries(env).flatMap(([name, value = ""]) => {
    if (connectionString.test(value)) return secretsOfUrl(value, name);
    return secretName.test(name) ? secretsOf(value.trim(), `the value of ${name}`) : [];
  });
}

/** Password and host of a connection string. This machine's own names are no secret. */
export function secretsOfUrl(url: string, of: string): Secret[] {
  if (!URL.canParse(url)) return secretsOf(url, `the value of ${of}`);
  const { password, hostname, host } = new URL(url);
  const plain = decoded(password);
  return [
    ...secretsOf(password, `the password of ${of}`),
    ...(plain === password ? [] : secretsOf(plain, `the password of ${of}`)),
    ...secretsOfHost(hostname, host, of),
  ];
}

/** @param host with its port, where there is one */
export function secretsOfHost(hostname: string, host: string, of: string): Secret[] {
  if (hostname === "") return [];
  // `localhost`, and the name of a service in a job, such as `db`, are words like others.
  const isPlain = isLocalHost(hostname.replace(/^\[|\]$/g, "")) || !/[.:]/.test(hostname);
  if (isPlain && host === hostname) return [];
  return [{ what: `the host of ${of}`, value: isPlain ? host : hostname }];
}

/** "postgres" and the like are in ordinary text, and open nothing that matters. */
const isWord = (value: string) => value.length < 16 && /^[a-z]+$/i.test(value);

const secretsOf = (value: string, what: string): Secret[] =>
  value.length < shortest || isWord(value) ? [] : [{ what, value }];

/** What the text has of these, and of what looks like a secret, in words for people; nothing: it may be sent. */
export function secretsIn(text: string, known: readonly Secret[]): string[] {
  const found = [
    ...known.filter(({ value }) => contains(text, value)).map(({ what }) => what),
    ...shapes.filter(({ looks }) => looks.test(text)).map(({ what }) => what),
  ];
  return [...new Set(found)];
}

/** Also as it stands in an address, and without regard to case: hosts have none. */
function contains(text: string, value: string): boolean {
  const all = text.toLowerCase();
  return [value, encodeURIComponent(value)].some((form) => all.includes(form.toLowerCase()));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
