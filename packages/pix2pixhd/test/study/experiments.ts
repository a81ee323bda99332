/** Experiments without images, for tests of what is planned, stored and concluded. */
import { type Decisions, design } from '../../src/study/design.js';
import type { Experiment } from '../../src/study/experiment.js';

/** An experiment of small scenes that are nowhere on a disk. */
export function experimentOf(change: Partial<Decisions> = {}, scenes = 24): Experiment {
  const sizes = new Map(Array.from({ length: scenes }, (_, i) => [`scene-${i}`, { width: 40, height: 30 }]));
  let files = 0;
  return design(sizes, {
    ...({ name: 'test', kind: 'pairwise', title: 'Title', question: 'Which?', consent: 'Yes' } as const),
    ...{ methods: ['ours', 'theirs'], real: true, labels: false, trials: 12, practice: 2, checks: 4, exposures: [] },
    ...{ seed: 1, secret: 's'.repeat(43), fileName: () => `file-${files++}` },
    tokens: Array.from({ length: 6 }, (_, rater) => `token-of-rater-${rater}`),
    ...change,
  });
}
