/**
 * Nodes in groups, each behind the groups that its own lead to: what lead to each other are one group (Tarjan's
 * strongly connected components). Edges to what is not among the nodes count for nothing.
 */
export function components<T>(nodes: readonly T[], leadsTo: (node: T) => Iterable<T>): T[][] {
  const all = new Set(nodes);
  const numbers = new Map<T, { number: number; lowest: number }>();
  const open: T[] = [];
  const isOpen = new Set<T>();
  const groups: T[][] = [];
  const visit = (node: T): number => {
    const own = { number: numbers.size, lowest: numbers.size };
    numbers.set(node, own);
    open.push(node);
    isOpen.add(node);
    for (const next of leadsTo(node)) {
      if (!all.has(next)) continue;
      const seen = numbers.get(next);
      if (seen === undefined) own.lowest = Math.min(own.lowest, visit(next));
      else if (isOpen.has(next)) own.lowest = Math.min(own.lowest, seen.number);
    }
    if (own.lowest === own.number) {
      const group = open.splice(open.indexOf(node));
      for (const member of group) isOpen.delete(member);
      groups.push(group);
    }
    return own.lowest;
  };
  for (const node of nodes) if (!numbers.has(node)) visit(node);
  return groups;
}
