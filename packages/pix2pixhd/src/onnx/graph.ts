/**
 * A graph that grows node by node. Depends on the messages.
 */
import {
  type Attribute,
  attributeTypes,
  type ElementType,
  elementTypes,
  type Initializer,
  type Model,
  type Node,
  type ValueInfo,
} from './model-proto.js';

/** The version of ONNX's operators that the graphs use. */
export const opset = 17;

/** An attribute's value. Whole numbers are written as `int`, `{ float }` as `float`. */
export type AttributeValue = number | string | readonly number[] | { readonly float: number };

/** The name of a value in the graph. */
export type Value = string;

const typed = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
} as const;

/** Nodes, constants, inputs and outputs. */
export class Graph {
  readonly #nodes: Node[] = [];
  readonly #initializers = new Map<string, Initializer>();
  readonly #constants = new Map<string, Value>();
  readonly #inputs: ValueInfo[] = [];
  readonly #outputs: ValueInfo[] = [];
  #count = 0;

  /** An input, the same one under the same name. @param dims sizes, or the names of those that are open. */
  input(name: string, type: ElementType, dims: readonly (number | string)[]): Value {
    if (!this.#inputs.some(input => input.name === name)) this.#inputs.push(valueInfo(name, type, dims));
    return name;
  }

  /** Makes a value an output, under a name of its own. */
  output(name: string, value: Value, type: ElementType, dims: readonly (number | string)[]): void {
    this.#nodes.push({ name, opType: 'Identity', input: [value], output: [name], attribute: [] });
    this.#outputs.push(valueInfo(name, type, dims));
  }

  /**
   * Adds an operator.
   * @param inputs null for an optional one that is left out.
   * @returns its output.
   */
  op(
    type: string,
    inputs: readonly (Value | null)[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): Value {
    return this.ops(type, inputs, attributes, 1)[0]!;
  }

  /** Adds an operator of several outputs. */
  ops(
    type: string,
    inputs: readonly (Value | null)[],
    attributes: Readonly<Record<string, AttributeValue>>,
    outputs: number,
  ): Value[] {
    const name = `${type}_${this.#count++}`;
    const names = Array.from({ length: outputs }, (_, i) => (outputs === 1 ? name : `${name}.${i}`));
    const attribute = Object.entries(attributes).map(([key, value]) => attributeOf(key, value));
    this.#nodes.push({ name, opType: type, input: inputs.map(value => value ?? ''), output: names, attribute });
    return names;
  }

  /** Whole numbers as int64, which is what shapes and axes are: a vector, or a scalar. The same numbers are stored once. */
  ints(values: number | readonly number[]): Value {
    const list = typeof values === 'number' ? [values] : values;
    const bytes = new Uint8Array(BigInt64Array.from(list, BigInt).buffer);
    return this.#constant('int64', typeof values === 'number' ? [] : [list.length], bytes);
  }

  /** Numbers of a type; a scalar where `dims` is left out. */
  numbers(type: keyof typeof typed, values: readonly number[], dims: readonly number[] = []): Value {
    return this.#constant(type, dims, new Uint8Array(typed[type].from(values).buffer));
  }

  #constant(type: ElementType, dims: readonly number[], bytes: Uint8Array): Value {
    const key = `${type} ${dims} ${Buffer.from(bytes).toString('base64')}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = `constant_${this.#constants.size}`;
    this.#constants.set(key, name);
    return this.initializer(name, type, dims, bytes);
  }

  /** Values under a name, such as a weight's. */
  initializer(name: string, type: ElementType, dims: readonly number[], bytes: Uint8Array): Value {
    this.#initializers.set(name, { name, dataType: elementTypes[type], dims, rawData: bytes });
    return name;
  }

  /** Nodes so far. */
  get size(): number {
    return this.#nodes.length;
  }

  /** Bytes of all weights and constants. */
  get bytes(): number {
    return [...this.#initializers.values()].reduce((sum, { rawData }) => sum + rawData.length, 0);
  }

  /** The file that holds it. */
  model(about: {
    readonly name: string;
    readonly description: string;
    readonly version: string;
    readonly metadata: Readonly<Record<string, string>>;
  }): Model {
    return {
      irVersion: 8,
      producerName: 'pix2pixhd',
      producerVersion: about.version,
      docString: about.description,
      opsetImport: [{ version: opset }],
      metadataProps: Object.entries(about.metadata).map(([key, value]) => ({ key, value })),
      graph: {
        name: about.name,
        node: this.#nodes,
        initializer: [...this.#initializers.values()],
        input: this.#inputs,
        output: this.#outputs,
      },
    };
  }
}

function attributeOf(name: string, value: AttributeValue): Attribute {
  if (typeof value === 'number') return { name, type: attributeTypes.int, i: value };
  if (typeof value === 'string') return { name, type: attributeTypes.string, s: Buffer.from(value) };
  if ('float' in value) return { name, type: attributeTypes.float, f: value.float };
  return { name, type: attributeTypes.ints, ints: value };
}

function valueInfo(name: string, type: ElementType, dims: readonly (number | string)[]): ValueInfo {
  const dim = dims.map(size => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: elementTypes[type], shape: { dim } } } };
}
