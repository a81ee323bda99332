/**
 * The graph of a network, made from what it calls: a forward pass is recorded, and each operator in it becomes nodes. So any network
 * can be exported that calls operators of `operators/`, and the graph cannot differ from what is trained. Depends on torch,
 * operators and weights.
 */
import { nn, noGrad, ops, scope, Tensor } from '@pix2pixhd/torch';
import type { Graph, Value } from './graph.js';
import { operators } from './operators/index.js';
import { type WeightStorage, weightValue } from './weights.js';

/**
 * Adds a network to a graph.
 *
 * @param inputs its inputs: tensors of any size that the network takes, float32 on the CPU, and the values that they are in the graph.
 * @param forward the pass, which reads these tensors and the network's weights.
 * @returns the value that is its result.
 * @throws RangeError naming an operator that no file of `operators/` knows.
 */
export function networkNodes(
  graph: Graph,
  network: nn.Module,
  inputs: ReadonlyMap<Tensor, Value>,
  storage: WeightStorage,
  forward: () => Tensor,
): Value {
  const values = new Map(inputs);
  const weights = new Map<unknown, string>([...network.stateDict()].map(([key, tensor]) => [tensor, key]));
  const axes = outputAxes(network);
  const value = (tensor: unknown): Value => {
    const known = values.get(tensor as Tensor);
    if (known !== undefined) return known;
    const key = weights.get(tensor);
    if (key === undefined) throw new RangeError('the network reads a tensor that is neither a weight nor a result');
    const weight = tensor as Tensor;
    const made = weightValue(graph, key, weight, storage, axes.get(weight));
    values.set(weight, made);
    return made;
  };
  return noGrad(() =>
    scope(() => {
      const result = ops.recordOperators(forward, ({ operator, args, result: made }) => {
        const add = operators[operator];
        if (add === undefined) throw new RangeError(`no ONNX operator is known for ${operator}`);
        if (made instanceof Tensor) values.set(made, add({ graph, value }, args as never, made));
      });
      return value(result);
    }),
  );
}

/** The axis of the output channels of each convolution's weight. */
function outputAxes(network: nn.Module): Map<Tensor, number> {
  const axes = new Map<Tensor, number>();
  for (const layer of network.modules()) {
    if (layer instanceof nn.ConvTranspose2d) axes.set(layer.weight.compute, 1);
    else if (layer instanceof nn.Conv2d) axes.set(layer.weight.compute, 0);
  }
  return axes;
}
