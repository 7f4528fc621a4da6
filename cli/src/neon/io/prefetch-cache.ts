import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../../lib/io/write-file-atomic.ts";
import { homeFolder } from "../../runtime/io/home-folder.ts";

// Which questions to the API it took, last time, to find a stage's branch and its address. Asked all at
// once instead of one after the other they are answered several times as fast. Only the questions are
// kept, with the ids that are in them; their answers always come from the API.

type Memory = Record<string, string[]>;

/** As many stages as one person goes back and forth between. */
const keptTopics = 20;
/** It takes five; a command that asked for more before was about something else as well. */
const mostQuestions = 10;

/** Questions as NeonReader has them; none when nobody has asked yet. */
export function cachedRequests(home: string, topic: string): string[] {
  const questions = read(home)[topic];
  return Array.isArray(questions)
    ? questions.filter((text) => typeof text === "string" && /^\/projects[/?]/.test(text))
    : [];
}

export async function cacheRequests(
  home: string,
  topic: string,
  questions: readonly string[],
): Promise<void> {
  if (questions.length > mostQuestions) return;
  const { [topic]: _, ...others } = read(home);
  const kept = Object.entries({ ...others, [topic]: questions }).slice(-keptTopics);
  const folder = await homeFolder(home, "cache");
  await writeFileAtomic(join(folder, "questions.json"), JSON.stringify(Object.fromEntries(kept)));
}

function read(home: string): Memory {
  try {
    return JSON.parse(readFileSync(join(home, "cache", "questions.json"), "utf8")) as Memory;
  } catch {
    return {};
  }
}
