/**
 * Letters by their code points: what a server's `[[:upper:]]` means depends on the locale of its database, and in
 * many it is A to Z alone. For use inside `[...]` of a pattern.
 */
export const upper = "A-ZÀ-ÖØ-ÞĀ-ɏḀ-ỿΆ-ΫЀ-ЯҐ-ӾԱ-Ֆ";
export const lower = "a-zß-öø-ÿĀ-ɏḀ-ỿά-ώа-џґ-ӿա-և";
/** Scripts without capitals whose words have spaces between them: Hebrew, Arabic, those of India, Thai, Georgian ... */
export const uncased =
  "\u0590-\u07FF\u08A0-\u0EFF\u1000-\u10FF\u1200-\u137F\u1780-\u17FF\u200C\u200D";
/** Chinese characters, with the signs that repeat one. */
export const han = "\u3005-\u3007\u3400-\u4DBF\u4E00-\u9FFF";
export const kana = "\u3041-\u30FF";
export const hangul = "\uAC00-\uD7A3";

/** A word that begins with a capital: `Jane`, `O'Brien`, `Jean-Luc`, `Łukasz`. */
export const capitalised = `[${upper}][${upper}${lower}'’ʼ-]*[${lower}]`;
