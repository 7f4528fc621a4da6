const mostNames = 3;

/** Names in a sentence; of many the first ones. */
export function listed(names: readonly string[]): string {
  const more = names.length - mostNames;
  return more <= 0 ? names.join(", ") : `${names.slice(0, mostNames).join(", ")} and ${more} more`;
}
