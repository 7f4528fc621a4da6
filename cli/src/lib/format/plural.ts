/** `1 branch`, `3 branches`; the plural is the word with an s unless it is given. */
export const plural = (count: number, word: string, many = `${word}s`): string =>
  `${count} ${count === 1 ? word : many}`;
