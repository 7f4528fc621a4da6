import { all, contains, hasDigit, hasLength, hasSpace, matches, some } from "./pattern.ts";

/** Patterns of what opens a door: keys, tokens, hashes of passwords, and addresses that hold them. */

const prefixed = [
  "(^|[^A-Za-z0-9])(sk|pk|rk|whsec|gh[opsu]|glpat|xox[abeprs]|npm|pypi|hf|shp[a-z]{2}|dop_v1|sq0[a-z]{3}|lin_api|phc|rzp|key|api|tok|pat|secret)[_-][A-Za-z0-9_-]{10}",
  "(^|[^A-Za-z0-9])(github_pat_|ya29\\.|SG\\.|GOCSPX-)[A-Za-z0-9_.-]{10}",
];
/** Of passwords, and private keys. */
const hashed =
  "\\$2[abxy]\\$\\d|\\$(argon2|pbkdf2|scrypt|5|6|y)[^$ ]*\\$|\\{(SSHA|SHA|SMD5)\\d*\\}|pbkdf2_sha256\\$|-----BEGIN";
const said =
  "([Pp]asswor[dt]|[Ss]ecret|[Tt]oken|[Aa][Pp][Ii][ _-]?[Kk]ey|[Pp]asscode|PIN|OTP) ?(is|ist|est|:|=) ?[^ ]{4}";

/** A whole value that only a machine would write: hex, base32, base64. */
const random = all(
  hasLength(16),
  matches("^[A-Za-z0-9+/_-]+={0,3}$"),
  some(
    matches("^(0x)?[0-9a-fA-F]{32}"),
    matches("^[A-Za-z0-9+/]{20}[A-Za-z0-9+/]*={1,2}$"),
    all(matches("^[A-Z2-7]+=*$"), hasDigit),
    all(hasLength(24), matches("^[a-z0-9]+$"), hasDigit, matches("[a-z]")),
    all(hasLength(20), hasDigit, matches("[a-z]"), matches("[A-Z]")),
    all(hasLength(20), matches("^[0-9a-f]+$"), hasDigit, matches("[a-f]")),
  ),
);

export const isSecret = all(
  hasLength(8),
  some(
    random,
    all(contains("eyJ"), matches("eyJ[A-Za-z0-9_-]{6,}\\.[A-Za-z0-9_-]{6}")),
    all(some(contains("_"), contains("-"), contains(".")), matches(...prefixed)),
    all(some(contains("$"), contains("{"), contains("BEGIN")), matches(hashed)),
    matches(
      "AKIA[A-Z0-9]{12}|ASIA[A-Z0-9]{12}|AIza[A-Za-z0-9_-]{20}|Bearer [A-Za-z0-9_.-]{10}|(ssh-[a-z0-9]+|ecdsa-sha2-[a-z0-9-]+) AAAA",
    ),
    all(some(hasSpace, contains(":"), contains("=")), matches(said)),
  ),
);

const parameter =
  "[A-Za-z0-9_-]*([Tt]oken|[Kk]ey|[Ss]ig|[Ss]ignature|[Ss]ecret|[Aa]uth|[Pp]assw|[Pp]wd|[Ss]ession|[Cc]redential|[Hh]ash|[Hh]mac|[Oo]tp|[Tt]icket|[Ii]nvit|[Cc]ode|jwt|sid|nonce|magic|X-Amz-|X-Goog-)[A-Za-z0-9_-]*";

/** A login, a parameter with a token, or a path that nobody could guess: who has the address is let in. */
export const isCapabilityUrl = matches(
  String.raw`://[^/\s:@]*:[^/\s@]+@`,
  String.raw`://\S*[?&#;]${parameter}=[^&\s]{4,}`,
  String.raw`://\S*[?&#;][A-Za-z0-9_-]+=[A-Za-z0-9_%.+/-]{32,}`,
  String.raw`://[^\s/]+/\S*(/|=)(?=[A-Za-z_-]*[0-9])(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{16,}($|[^A-Za-z0-9_-])`,
  String.raw`://[^\s/]+/(\S*/)?(s|sh|share|shared|d|f|i|r|m|invite|invites|invitation|join|reset|verify|confirm|unsubscribe|magic|login|auth|public|view|download|meeting|j)/[A-Za-z0-9_-]*[0-9A-Z][A-Za-z0-9_-]{3,}`,
);
