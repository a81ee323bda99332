/** The value of `--style`: what the styles of `generate` are taken from. Depends on `errors.ts`. */
import { UsageError } from '../../errors.js';

/** What styles are taken from. */
export type StyleOption =
  | { readonly kind: 'random' | 'mean' }
  | { readonly kind: 'cluster'; readonly cluster: number }
  | { readonly kind: 'image'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string };

const choices = 'random, mean, cluster:N, image:PATH or file:PATH';

/**
 * Reads the value of `--style`.
 *
 * @throws UsageError naming the choices.
 */
export function parseStyleOption(text: string): StyleOption {
  if (text === 'random' || text === 'mean') return { kind: text };
  const [, kind, rest] = /^(cluster|image|file):(.+)$/.exec(text) ?? [];
  if (kind === 'cluster' && /^\d{1,9}$/.test(rest!)) return { kind, cluster: Number(rest) };
  if (kind === 'image' || kind === 'file') return { kind, path: rest! };
  throw new UsageError({
    code: 'STYLE_INVALID',
    doing: 'choosing the style',
    where: '--style',
    found: text,
    expected: choices,
    remedy:
      kind === 'cluster'
        ? 'give the number of a cluster, counted from 0, the largest: cluster:0'
        : 'random draws a style for every object, mean takes the average of its class, image:PATH the styles of an image',
  });
}
