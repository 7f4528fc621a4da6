import { capitalised, han, hangul, kana, lower, uncased, upper } from "./letters.ts";
import { all, hasLength, hasSpace, isForeign, matches, some } from "./pattern.ts";

/** People's names: as a whole value, and in a sentence. On the safe side: a city may look the same. */

const title = [
  ...[
    "Mr",
    "Mrs",
    "Ms",
    "Miss",
    "Mx",
    "Dr",
    "Prof",
    "Sir",
    "Dame",
    "Herrn?",
    "Frau",
    "Fr",
    "Mme",
    "Mlle",
  ],
  ...[
    "Monsieur",
    "Madame",
    "Señora?",
    "Sra?",
    "Srta",
    "Signora?",
    "Sig(\\.ra)?",
    "Dhr",
    "Mevr(ouw)?",
    "Pan[ií]?",
  ],
  ...[
    "Senhora?",
    "Dona?",
    "Fru",
    "Bay",
    "Bayan",
    "Ing",
    "Dipl",
    "г-н",
    "г-жа",
    "Господин",
    "Госпожа",
    "Κος",
    "Κα",
  ],
].join("|");

const initial = `[${upper}]\\.?`;
/** `van der`, `de la`, `bin`: words of few letters, whichever they are. */
const particles = `( [${lower}]{1,3}){0,3}`;
const name = `${capitalised}( ${initial})?${particles}( ${capitalised}){1,3}`;

/** `Jane Doe`, `Doe, Jane`, `J. R. Doe`, `Ludwig van der Rohe`, `JANE DOE`, `Иванов И. И.`. */
const cased = all(
  hasLength(4, 60),
  matches(`^[${upper}]`),
  some(
    matches(`^${name}$`),
    matches(`^(${initial} ?){1,3}${particles} ?${capitalised}$`),
    matches(`^${capitalised}( ?[${upper}]\\.){1,2}$`),
    matches(`^[${upper}][${upper}${lower}'’ -]+, ?[${upper}][${lower}.]`),
    matches(`^[${upper}'’-]{2,}( [${upper}'’-]{2,}){1,2}$`),
    matches(`^((${title})\\.? ){1,2}[${upper}]`),
  ),
);

/** `佐藤 花子`, `김민준`, `محمد علي`. */
const uncasedName = all(
  isForeign,
  hasLength(2, 60),
  some(
    matches(`^[${han}]{2,4}$|^[${hangul}]{2,4}$|^[${hangul}]{1,2} [${hangul}]{1,3}$`),
    matches(`^[${han}${kana}]{1,6}[ \u3000\u30FB·][${han}${kana}]{1,7}$`),
    matches(`^[${uncased}]{2,}( [${uncased}]{2,}){1,3}$`),
  ),
);

export const isName = some(cased, uncasedName);

const met = [
  ...["call", "phone", "email", "e-mail", "contact", "meet", "remind", "tell", "ask"].map(
    (word) => `${word}(ed|s)?`,
  ),
  ...[
    "called",
    "met",
    "told",
    "rang",
    "texted",
    "spoke (to|with)",
    "talked (to|with)",
    "signed by",
    "written by",
  ],
  ...[
    "dear",
    "hi",
    "hello",
    "hey",
    "regards,?",
    "thanks,?",
    "sincerely,?",
    "cheers,?",
    "assigned to",
    "on behalf of",
  ],
  ...[
    "my name is",
    "hallo",
    "liebe[rs]?",
    "lieber",
    "grüße,?",
    "gruß,?",
    "sehr geehrte[rs]?",
    "guten tag",
    "moin",
  ],
  ...[
    "bonjour",
    "chère?",
    "cordialement,?",
    "hola",
    "estimad[oa]",
    "querid[oa]",
    "saludos,?",
    "gentile",
    "caro",
    "cara",
  ],
  ...[
    "ciao",
    "olá",
    "prezad[oa]",
    "beste",
    "geachte",
    "hej",
    "kära",
    "kære",
    "drogi",
    "droga",
    "szanowny",
  ],
  ...["здравствуйте,?", "дорог(ой|ая)", "уважаем(ый|ая)", "привет,?", "позвонил[аи]?"],
].join("|");

/** `called Jane Doe at ...`, `Dear Mr Lindqvist`, `Jane Doe said ...`, `... by Jane Doe`. */
const casedPeople = all(
  hasSpace,
  matches(`[ (“„"][${upper}][${lower}'’]`),
  some(
    matches(`[^.!?] [“„"(]?${capitalised} (${initial} )?([${lower}]{1,3} ){0,2}${capitalised}`),
    matches(`^${capitalised} ${capitalised},? [${lower}]`),
    matches(`(^|[^${upper}${lower}])(${title})\\.? [${upper}]`),
    matches(`(^|[^${upper}${lower}])(${firstLetterOpen(met)})[ \\n]+[${upper}][${lower}'’]`),
  ),
);

/** `田中さん`, `김민준 씨`. */
const uncasedPeople = all(
  isForeign,
  matches(
    `[${han}]{1,4}(さん|さま|様|君|氏|先生|女士|小姐|老师)`,
    `[${hangul}]{2,4} ?(씨|님)`,
    `(السيد|السيدة|الأستاذ|מר|גברת|श्री|श्रीमती|คุณ|นาย|นางสาว) ?[${uncased}]{2,}`,
  ),
);

export const hasPeople = some(casedPeople, uncasedPeople);

/** `dear` -> `[Dd]ear`, for each of the words. */
function firstLetterOpen(words: string): string {
  return words.replace(
    /(^|\|)(\p{L})/gu,
    (_, before: string, letter: string) => `${before}[${letter.toUpperCase()}${letter}]`,
  );
}
