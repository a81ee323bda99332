/** Whether the values of a label map are classes. Depends on labels/values.ts, raster.ts for types, and fault.ts. */
import type { IdMap } from '../../raster.js';
import { classesFor, countLabels, ignoredLabel, isIgnored, type LabelCounts, share } from '../labels/values.js';
import type { Fault } from './fault.js';

/** What is wrong with a map that has values outside the classes. Counting takes longer, and is done only where there are any. */
export function labelMapFault(map: IdMap, labelNc: number): Fault | undefined {
  return areLabels(map, labelNc) ? undefined : labelFault(countLabels(map), labelNc);
}

/** Whether every value of a map is a class or "no class". */
function areLabels({ data }: IdMap, labelNc: number): boolean {
  const ignored = ignoredLabel(labelNc);
  for (let i = 0; i < data.length; i++) {
    const id = data[i]!;
    if (!((id >= 0 && id < labelNc) || id === ignored)) return false;
  }
  return true;
}

/** The same, of a map whose values have been counted. */
export function labelFault(counts: LabelCounts, labelNc: number): Fault | undefined {
  const outside = [...counts.keys()]
    .filter(id => (id < 0 || id >= labelNc) && !isIgnored(id, labelNc))
    .sort((a, b) => a - b);
  if (outside.length === 0) return undefined;
  const number = outside.reduce((sum, id) => sum + counts.get(id)!, 0);
  const isNegative = outside[0]! < 0;
  const needed = classesFor(outside);
  return {
    code: 'label-out-of-range',
    found: `${share(number, counts)} have the class id ${listed(outside)}, outside 0 to ${labelNc - 1}`,
    expected: `0 to ${labelNc - 1}, or ${ignoredLabel(labelNc)} for pixels to ignore`,
    ...(!isNegative && { advice: { kind: 'more-classes', needed, classes: labelNc } as const }),
    remedy: isNegative ? 'save the intended ids' : `give --label-nc ${needed}, or correct the map`,
  };
}

function listed(ids: readonly number[]): string {
  return ids.length > 8 ? `${ids.slice(0, 8).join(', ')}, …` : ids.join(', ');
}
