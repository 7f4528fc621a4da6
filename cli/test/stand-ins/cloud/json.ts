export type Json = Record<string, unknown>;

export function parsedJson(text: string): Json {
  return text === "" ? {} : (JSON.parse(text) as Json);
}
