/**
 * The clustered features of an official run as a style book. Depends on the reader of those files and the style book.
 */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ClassStyles, StyleBook } from '@pix2pixhd/web/scene';
import { UserError } from '../../errors.js';
import { readClusteredFeatures } from './clustered-features.js';

/** The file with the most clusters in an official folder; `undefined` where there is none. */
export function findClusteredFeatures(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  const files = readdirSync(folder).filter(file => /^features_clustered_\d+\.npy$/.test(file));
  const last = files.sort().at(-1);
  return last === undefined ? undefined : join(folder, last);
}

/**
 * Reads clustered features as a style book. The file does not say how many instances a cluster has, so the mean of a class is
 * that of its centres, and the mean of all that of the classes.
 *
 * @returns `undefined` where no class has a cluster.
 * @throws UserError where the file cannot be read, or has another number of feature channels.
 */
export function readImportedStyles(path: string, featNum: number): StyleBook | undefined {
  const classes = new Map<number, ClassStyles>();
  for (const [id, rows] of readClusteredFeatures(path)) {
    if (rows.length === 0) continue;
    if (rows[0]!.length !== featNum) throw wrongChannels(path, rows[0]!.length, featNum);
    const centres = rows.map(row => Float32Array.from(row));
    classes.set(id, { mean: meanOf(centres), clusters: centres.map(centre => ({ centre, count: 0 })) });
  }
  if (classes.size === 0) return undefined;
  return new StyleBook(meanOf([...classes.values()].map(({ mean }) => mean)), classes);
}

function meanOf(vectors: readonly Float32Array[]): Float32Array {
  return vectors[0]!.map((_, i) => vectors.reduce((sum, vector) => sum + vector[i]!, 0) / vectors.length);
}

function wrongChannels(path: string, found: number, expected: number): UserError {
  return new UserError({
    code: 'FEATURES_UNSUITABLE',
    doing: 'importing the styles of an official run',
    where: path,
    found: `${found} features per style`,
    expected: `${expected}, as the options say`,
    remedy: `give --feat-num ${found}, or move the file away`,
  });
}
