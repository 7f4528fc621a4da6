/** As a part of a sentence: what somebody else says may have lines. */
export const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, " ").trim();
