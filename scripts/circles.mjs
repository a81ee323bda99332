/** Circles in a graph of imports. Depends on nothing. */

/**
 * @param {ReadonlyMap<string, ReadonlySet<string>>} graph who imports whom.
 * @returns {string[]} `a → b → a`: for every node the shortest way back to itself, those through the same nodes once.
 */
export function circlesOf(graph) {
  const found = new Map();
  for (const start of [...graph.keys()].sort()) {
    const circle = wayBack(graph, start);
    if (circle === undefined) continue;
    const nodes = [...circle].sort().join();
    if (!found.has(nodes)) found.set(nodes, [...circle, start].join(' → '));
  }
  return [...found.values()];
}

/** The nodes of the shortest circle through `start`, breadth first. */
function wayBack(graph, start) {
  const before = new Map();
  const queue = [start];
  for (const node of queue)
    for (const next of graph.get(node) ?? []) {
      if (next === start) {
        const way = [];
        for (let at = node; at !== start; at = before.get(at)) way.unshift(at);
        return [start, ...way];
      }
      if (before.has(next)) continue;
      before.set(next, node);
      queue.push(next);
    }
  return undefined;
}
