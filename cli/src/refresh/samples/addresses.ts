import { capitalised, han, hangul, lower, upper } from "./letters.ts";
import {
  all,
  hasDigit,
  hasLength,
  hasSpace,
  hasWord,
  isForeign,
  matches,
  some,
} from "./pattern.ts";

/** Where somebody lives: a street with a number, a place with its postal code, coordinates; in many countries. */

const streets = [
  ...[
    "street",
    "avenue",
    "road",
    "lane",
    "drive",
    "boulevard",
    "crescent",
    "terrace",
    "highway",
    "parkway",
  ],
  ...["st", "ave", "rd", "blvd", "hwy", "ln", "sq", "court", "square", "mews"],
  ...[
    "rue",
    "impasse",
    "chemin",
    "quai",
    "faubourg",
    "calle",
    "avenida",
    "avda",
    "carrer",
    "paseo",
    "camino",
  ],
  ...[
    "via",
    "viale",
    "vicolo",
    "corso",
    "piazza",
    "rua",
    "travessa",
    "alameda",
    "estrada",
    "rodovia",
    "strada",
  ],
  ...[
    "ul",
    "ulica",
    "ulice",
    "aleja",
    "osiedle",
    "trg",
    "cesta",
    "utca",
    "jalan",
    "jl",
    "marg",
    "nagar",
  ],
  ...[
    "bulevardul",
    "sokak",
    "cadde",
    "caddesi",
    "cad",
    "sok",
    "mah",
    "mahallesi",
    "barangay",
    "bulvaras",
  ],
  ...["postfach", "apartado"],
];
/** What a server with another encoding could not read as words. */
const foreignStreets = [
  ...["allée", "praça", "náměstí", "körút", "sokağı", "đường", "phố", "phường", "quận"],
  ...[
    "улица",
    "ул\\.",
    "проспект",
    "пр-т",
    "переулок",
    "пер\\.",
    "площадь",
    "шоссе",
    "набережная",
    "вулиця",
    "вул\\.",
  ],
  ...[
    "οδός",
    "λεωφόρος",
    "شارع",
    "طريق",
    "רחוב",
    "שדרות",
    "मार्ग",
    "नगर",
    "गली",
    "ถนน",
    "ซอย",
    "ตำบล",
    "แขวง",
  ],
].join("|");

/** At the end of a word: `Hauptstraße 5`, `Keizersgracht 12`, `Drottninggatan 3`. */
const suffixes = [
  ...[
    "str",
    "str\\.",
    "stra(ß|ss)e",
    "weg",
    "platz",
    "gasse",
    "allee",
    "damm",
    "ufer",
    "steig",
    "straat",
    "laan",
    "gracht",
  ],
  ...[
    "plein",
    "kade",
    "dijk",
    "gatan",
    "vägen",
    "gata",
    "veien",
    "vegen",
    "vej",
    "gade",
    "katu",
    "polku",
  ],
].join("|");

/** `10115 Berlin`, `00-950 Warszawa`, `1012 AB Amsterdam`, `LV-1050 Rīga`. */
const postalPlace = `(^|[^\\d.])(\\d{4,5}|\\d{2}-\\d{3}|\\d{3} \\d{2}|\\d{4} ?[A-Z]{2}|[A-Z]{1,2}-\\d{4,5}),? ${capitalised}`;
/** `SW1A 1AA`, `K1A 0B1`; `Springfield, IL 62704`. */
const ofLetters =
  "(^|[^A-Za-z\\d])([A-Z]{1,2}\\d[A-Z\\d]? \\d[A-Z]{2}|[A-Z]\\d[A-Z] \\d[A-Z]\\d|[A-Z]{2},? \\d{5}(-\\d{4})?)($|[^A-Za-z\\d])";

const latin = all(
  hasDigit,
  hasSpace,
  some(
    hasWord(streets),
    matches(postalPlace),
    matches(ofLetters),
    matches(`^\\d{1,5}[A-Za-z]?(-\\d+)?,? ${capitalised} `, `^\\d{1,5}[A-Za-z]?,? ${capitalised}$`),
    matches(`[${lower}](${suffixes}) \\d`),
    matches("P\\.? ?O\\.? ?Box|C/ "),
    matches(String.raw`^[-+]?\d{1,3}\.\d{3,}[,;] ?[-+]?\d{1,3}\.\d{3,}$`),
  ),
);

const foreign = all(
  isForeign,
  some(
    all(hasDigit, matches(`(^|[^${upper}${lower}])(${foreignStreets})`)),
    matches(
      `[${han}](省|市|区|區|县|縣|镇|鎮|路|街|巷|弄|里|丁目|番地|都|府|県|号|號).*[\\d０-９一二三四五六七八九十]`,
      `[\\d０-９一二三四五六七八九十](丁目|番地|号|號|楼|室)|〒`,
    ),
    matches(`[${hangul}](시|도|구|군|동|읍|면|로|길) ?.*\\d`),
  ),
);

export const isAddress = all(hasLength(5), some(latin, matches("^\\d{5}-\\d{3}$"), foreign));
