/**
 * `--label-map`: values of label maps that stand for other class ids, as 255 for 1 in a mask. Depends on
 * raster.ts.
 */
import type { IdMap } from '../../raster.js';

/** Values as they are stored and the classes that they become; all others stay as they are. */
export type LabelMapping = readonly (readonly [from: number, to: number])[];

/** Reads `FROM:TO,FROM:TO`, whose form the options have checked; `null` maps nothing. */
export function parseLabelMap(text: string | null | undefined): LabelMapping {
  if (text === null || text === undefined) return [];
  return text.split(',').map(pair => {
    const [from, to] = pair.split(':').map(Number);
    return [from!, to!];
  });
}

/** The map with its values replaced, all at once: `0:1,1:0` swaps the two. Returns the map itself where nothing is mapped. */
export function mapLabels(map: IdMap, mapping: LabelMapping): IdMap {
  if (mapping.length === 0) return map;
  const { data } = map;
  const to = new Map(mapping);
  const isWide = data instanceof Int32Array || mapping.some(([, id]) => id > 65535);
  const mapped = isWide
    ? new Int32Array(data.length)
    : data instanceof Uint8Array && mapping.every(([, id]) => id <= 255)
      ? new Uint8Array(data.length)
      : new Uint16Array(data.length);
  if (data instanceof Int32Array) {
    for (let i = 0; i < data.length; i++) mapped[i] = to.get(data[i]!) ?? data[i]!;
  } else {
    const table = Int32Array.from({ length: data instanceof Uint8Array ? 256 : 65536 }, (_, id) => to.get(id) ?? id);
    for (let i = 0; i < data.length; i++) mapped[i] = table[data[i]!]!;
  }
  return { ...map, data: mapped };
}
