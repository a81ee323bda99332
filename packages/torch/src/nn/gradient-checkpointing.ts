/**
 * GradientCheckpointing: gradients in little memory (Chen et al., Training deep nets with sublinear memory cost, 2016). Depends on
 * autograd, scope and the segments.
 */
import { enableGrad, grad } from '../autograd.js';
import * as ops from '../ops/index.js';
import { scope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import type { Segment, SegmentInput, SegmentRunner } from './segmented.js';

let again = false;

/** Whether a segment is being run for the second time: random numbers would differ, running statistics would count twice. */
export function isRecomputing(): boolean {
  return again;
}

/** A segment that was run once, and that does not overwrite its inputs. */
interface SegmentRun {
  readonly segment: () => Tensor;
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
}

/**
 * Runs segments, and keeps the inputs and the output of each but no graph. For the gradients every segment is run a second
 * time, with its graph, from the last to the first: memory holds the graph of one segment at a time, and the forward pass
 * is paid for twice. The gradients are those of the graph as a whole, bit by bit where no tensor has more than two
 * readers; with more, their sum may be rounded in another order.
 *
 * Everything kept belongs to the scope in which the segments were run.
 */
export class GradientCheckpointing implements SegmentRunner {
  readonly #runs: SegmentRun[] = [];

  run(segment: Segment, ...inputs: SegmentInput[]): Tensor {
    // The second run reads them again.
    const kept = inputs.map(({ tensor }) => ({ tensor, lastUse: false }));
    const rerun = () => enableGrad(() => segment(...kept));
    const output = scope(() => {
      // With a graph, though it is dropped at once: it tells whether there is anything to differentiate.
      const result = rerun();
      const bare = ops.detach(result);
      bare.requiresGrad = result.requiresGrad;
      return bare;
    });
    this.#runs.push({ segment: rerun, inputs: inputs.map(({ tensor }) => tensor), output });
    return output;
  }

  /**
   * Differentiates what was run, once, and frees all outputs of segments on the way, `output` as well.
   * @param output the output of a segment.
   * @param seed gradient of the output; stays the caller's.
   * @param leaves weights.
   * @returns the leaves' gradients; null for leaves that the output does not depend on.
   */
  gradients(output: Tensor, seed: Tensor, leaves: readonly Tensor[]): (Tensor | null)[] {
    return scope(() => {
      const ofOutputs = new Map<Tensor, Tensor>([[output, ops.detach(seed)]]);
      const ofLeaves = new Map<Tensor, Tensor>();
      for (let run = this.#runs.pop(); run !== undefined; run = this.#runs.pop()) {
        const towards = ofOutputs.get(run.output);
        ofOutputs.delete(run.output);
        const wanted = run.output.requiresGrad && towards !== undefined;
        // Its readers are done; of the segment's second run only the graph is wanted.
        run.output.dispose();
        if (!wanted) continue;
        const inputs = [...new Set(run.inputs)].filter(input => input.requiresGrad);
        const found = differentiate(run, towards, [...inputs, ...leaves]);
        towards.dispose();
        inputs.forEach((input, i) => {
          add(ofOutputs, input, found[i]!);
        });
        leaves.forEach((leaf, i) => {
          add(ofLeaves, leaf, found[inputs.length + i]!);
        });
      }
      return leaves.map(leaf => ofLeaves.get(leaf) ?? null);
    });
  }
}

/** Runs a segment again and gives the gradients of `inputs`. */
function differentiate({ segment }: SegmentRun, seed: Tensor, wanted: readonly Tensor[]): (Tensor | null)[] {
  return scope(() => {
    again = true;
    try {
      return grad(segment(), wanted, { seeds: [seed], allowUnused: true });
    } finally {
      again = false;
    }
  });
}

function add(sums: Map<Tensor, Tensor>, key: Tensor, term: Tensor | null): void {
  if (term === null) return;
  const sum = sums.get(key);
  sums.set(key, sum === undefined ? term : ops.add(sum, term));
  if (sum === undefined) return;
  sum.dispose();
  term.dispose();
}
