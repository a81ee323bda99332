/**
 * Which scenes are scored: those of which every method has an image. Depends on data.
 */
import type { Sample } from '../data/find/pairs.js';
import { UserError } from '../errors.js';
import type { Scene } from './score-scenes.js';

/** What the real images are called among the methods. */
export const ORACLE = 'oracle';

/** A method's images by their stems. */
export type ResultImages = ReadonlyMap<string, string>;

/** Scenes to score, and why the others are not. */
export interface MatchedScenes {
  /** Each with the methods in their order, and behind them the oracle. */
  readonly scenes: readonly Scene[];
  /** Stem → the methods without an image of it. */
  readonly missing: ReadonlyMap<string, readonly string[]>;
  /** Method → how many of its images are of no scene. */
  readonly unmatched: ReadonlyMap<string, number>;
}

/**
 * Matches the images of methods with label maps and real images, by stem.
 *
 * @throws UserError where there is no scene of which every method has an image.
 */
export function matchScenes(samples: readonly Sample[], methods: ReadonlyMap<string, ResultImages>): MatchedScenes {
  const scenes: Scene[] = [];
  const missing = new Map<string, readonly string[]>();
  for (const { stem, label, image } of samples) {
    const without = [...methods].filter(([, images]) => !images.has(stem)).map(([method]) => method);
    if (without.length > 0) {
      missing.set(stem, without);
      continue;
    }
    const images = new Map([...methods].map(([method, files]) => [method, files.get(stem)!]));
    scenes.push({ stem, labelMap: label!, images: images.set(ORACLE, image!) });
  }
  const stems = new Set(samples.map(({ stem }) => stem));
  const unmatched = new Map(
    [...methods].map(([method, images]) => [method, [...images.keys()].filter(stem => !stems.has(stem)).length]),
  );
  if (scenes.length === 0) throw nothingInCommon(samples, methods);
  return { scenes, missing, unmatched };
}

function nothingInCommon(samples: readonly Sample[], methods: ReadonlyMap<string, ResultImages>): UserError {
  const few = (stems: Iterable<string>) => [...stems].slice(0, 3).join(', ');
  const found = [...methods].map(([method, images]) => `${method} has ${few(images.keys())}, …`);
  return new UserError({
    code: 'PARTNER_MISSING',
    doing: 'matching results with label maps by name',
    found: `no scene of which every method has an image: ${found.join('; ')}`,
    expected: `the names of the label maps: ${few(samples.map(({ stem }) => stem))}, …`,
    remedy: 'give the folders that pix2pixhd generate wrote for this --phase, or rename the images',
  });
}
