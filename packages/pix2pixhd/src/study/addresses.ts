/** Addresses of images: each rater has their own, and nobody can guess one. Depends on Node's crypto. */
import { createHmac } from 'node:crypto';
import type { Experiment } from './experiment.js';

/** Where an image stands in a trial. */
export type Place = 'a' | 'b' | 'label';

/** Sixteen bytes of an HMAC, in 22 letters: the same image has another one in every trial of every rater. */
export function imageAddress({ name, secret }: Experiment, rater: number, trial: number, place: Place): string {
  const digest = createHmac('sha256', secret)
    .update(JSON.stringify([name, rater, trial, place]))
    .digest();
  return digest.subarray(0, 16).toString('base64url');
}
