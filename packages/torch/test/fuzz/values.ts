/**
 * Random arguments for operators: mostly ones that fit each other, so that kernels are reached, and among them all that does
 * not fit. Depends on the public API.
 */
import { bytesPerElement, type DType, noGrad, ops, RandomGenerator, type Tensor } from '../../src/index.js';
import type { Draw } from './random.js';
import type { SchemaArgument } from './schemas.js';

const dtypes = Object.keys(bytesPerElement) as DType[];

const sizes = [0, 1, 1, 2, 2, 3, 4, 5, 7, 8, 16, 17, 33];

/** Where arithmetic on 32 and 64 bits ends, and what is no integer. */
const extremes: readonly unknown[] = [
  -1,
  -2,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  2 ** 32 + 1,
  2 ** 40,
  2 ** 53 - 1,
  -(2 ** 53) + 1,
  2n ** 62n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  0.5,
  Number.NaN,
];

const strangers: readonly unknown[] = [undefined, null, 'text', 7, Number.NaN, true, {}, [], Symbol('s'), () => 0, 2n];

/** What the arguments of one call have in common. */
export class Values {
  readonly #draw: Draw;
  readonly #shape: number[];
  readonly #dtype: DType;

  constructor(draw: Draw) {
    this.#draw = draw;
    this.#dtype = draw.chance(0.6) ? draw.of(['float32', 'float64', 'bfloat16'] as const) : draw.of(dtypes);
    this.#shape = this.#anyShape();
  }

  /** A value for an argument of an operator. */
  for(argument: SchemaArgument): unknown {
    const draw = this.#draw;
    if (draw.chance(0.01)) return draw.of(strangers);
    if (argument.optional && draw.chance(0.5)) return draw.of([null, undefined]);
    return this.#ofType(argument.type, argument.name);
  }

  #ofType(type: string, name: string): unknown {
    const draw = this.#draw;
    const list = /^(.+?)(\??)\[(\d*)\]$/.exec(type);
    if (list !== null) return this.#list(list[1]!, name, list[2] === '?', Number(list[3] || 0));
    switch (type) {
      case 'Tensor':
        return this.tensor();
      case 'int':
        return this.integer(name);
      case 'float':
      case 'Scalar':
        return draw.of([0, 1, -1, 2, 0.5, -0.3, 1e-5, 1e30, Number.NaN, Number.POSITIVE_INFINITY, -(2 ** 40)]);
      case 'bool':
        return draw.chance(0.5);
      case 'ScalarType':
        return draw.chance(0.03) ? draw.of(['complex64', 'qint8', '', 3]) : draw.of(dtypes);
      case 'MemoryFormat':
        return draw.chance(0.03)
          ? draw.of(['channels_last_3d', 2])
          : draw.of(['contiguous', 'channels_last', 'preserve']);
      case 'Layout':
        return draw.of([null, 'strided', 'sparse', 1]);
      case 'Device':
        return draw.chance(0.85) ? 'cpu' : draw.of(['meta', 'cuda', 'cuda:7', 'mkldnn', 'xla', 'cpu:3', 'vulkan', '']);
      case 'Generator':
        return draw.chance(0.9) ? new RandomGenerator(draw.integer(0, 9)) : this.tensor();
      default:
        return draw.of(['', 'none', 'mean', 'sum', 'floor', 'trunc']);
    }
  }

  #list(element: string, name: string, gaps: boolean, count: number): unknown {
    const draw = this.#draw;
    const axes = this.#shape.length;
    const one = () => (gaps && draw.chance(0.4) ? null : this.#ofType(element, name));
    if (element === 'int' && count === 0 && draw.chance(0.5)) {
      if (/dims/.test(name)) return [...this.#shape.keys()].sort(() => draw.number() - 0.5);
      return [...this.#shape];
    }
    if (count > 0 && draw.chance(0.9)) return draw.chance(0.2) ? one() : Array.from({ length: count }, one);
    return draw.list(0, Math.max(3, axes), one);
  }

  /** A whole number, or what is none. */
  integer(name: string): unknown {
    const draw = this.#draw;
    if (draw.chance(0.06)) return draw.of(extremes);
    if (/^dim/.test(name)) return draw.integer(-this.#shape.length - 1, this.#shape.length);
    return draw.chance(0.8) ? draw.integer(0, 4) : draw.of(sizes);
  }

  /** A tensor in any type and any order of memory; sometimes disposed of, sometimes none. */
  tensor(): unknown {
    const draw = this.#draw;
    if (draw.chance(0.01)) return draw.of([new RandomGenerator(1), null, {}, 'tensor', 3, 0.5]);
    const made = this.#dense();
    if (draw.chance(0.02)) made.dispose();
    return made;
  }

  #dense(): Tensor {
    const draw = this.#draw;
    const dtype = draw.chance(0.75) ? this.#dtype : draw.of(dtypes);
    const shape = this.#relatedShape();
    const made = noGrad(() => this.#inSomeOrder(shape, order => this.#filled(order, dtype)));
    if (draw.chance(0.25) && /float/.test(dtype)) made.requiresGrad = true;
    return made;
  }

  #filled(shape: readonly number[], dtype: DType): Tensor {
    const draw = this.#draw;
    if (draw.chance(0.01)) return ops.empty(shape, { dtype, device: 'meta' });
    if (draw.chance(0.03))
      return ops.toDtype(ops.full(shape, draw.of([Number.NaN, 1e30, -1, 300]), { dtype: 'float64' }), dtype);
    if (/float/.test(dtype) && draw.chance(0.7))
      return ops.toDtype(ops.normalInPlace(ops.empty(shape, { dtype: 'float32' })), dtype);
    // Small numbers are indices, ids and labels; one in twenty tensors has those that are none.
    const [low, high] = draw.chance(0.05) ? [-100, 100] : [0, draw.integer(1, 5)];
    return ops.toDtype(ops.randint(low, high, shape, { dtype: 'int64' }), dtype);
  }

  /** A view of the shape asked for, into memory that `make` fills. */
  #inSomeOrder(shape: number[], make: (shape: number[]) => Tensor): Tensor {
    const draw = this.#draw;
    const axis = draw.integer(0, Math.max(0, shape.length - 1));
    const size = shape[axis];
    switch (size === undefined ? 0 : draw.integer(0, 9)) {
      case 1: {
        const swapped = [...shape];
        [swapped[0], swapped[axis]] = [swapped[axis]!, swapped[0]!];
        return ops.transpose(make(swapped), 0, axis);
      }
      case 2:
        return shape.length === 4 ? ops.clone(make(shape), { memoryFormat: 'channels_last' }) : make(shape);
      case 3:
        return ops.slice(make(withSize(shape, axis, 2 * size! + 1)), axis, 1, 1 + 2 * size!, 2);
      case 4:
        return ops.expand(make(withSize(shape, axis, 1)), shape);
      case 5:
        return ops.narrow(make(withSize(shape, axis, size! + 3)), axis, 2, size!);
      default:
        return make(shape);
    }
  }

  #relatedShape(): number[] {
    const draw = this.#draw;
    const shape = this.#shape;
    const channels = shape[1] ?? 1;
    const kernel = draw.integer(1, 4);
    switch (draw.integer(0, 9)) {
      case 0:
        return this.#anyShape();
      case 1:
        return [draw.of([1, 3, 4, 16, 32]), channels, kernel, kernel];
      case 2:
        return [channels, draw.of([1, 3, 4, 16, 32]), kernel, kernel];
      case 3:
        return [draw.chance(0.7) ? channels : draw.of(sizes)];
      case 4:
        return shape.length === 4 ? withSize(shape, 1, 1) : shape.map(size => (draw.chance(0.5) ? size : 1));
      default:
        return [...shape];
    }
  }

  #anyShape(): number[] {
    const draw = this.#draw;
    const axes = draw.chance(0.6) ? 4 : draw.integer(0, 5);
    const shape: number[] = [];
    let left = 20_000;
    for (let i = 0; i < axes; i++) {
      const size = draw.of(sizes);
      shape.push(size <= left ? size : 1);
      left /= Math.max(1, shape.at(-1)!);
    }
    return shape;
  }
}

function withSize(shape: readonly number[], axis: number, size: number): number[] {
  return shape.map((own, i) => (i === axis ? size : own));
}

/** Anything that JavaScript may pass where the addon asks for something. */
export function anything(draw: Draw, values: Values): unknown {
  switch (draw.integer(0, 7)) {
    case 0:
    case 1:
      return values.tensor();
    case 2:
      return draw.list(0, 3, () => values.tensor());
    case 3:
      return values.integer('n');
    case 4:
      return draw.list(0, 4, () => values.integer('n'));
    case 5:
      return draw.of([new Uint8Array(24), Float32Array.of(1, 2), 'float32', 'cpu', 'aten::add', 'Tensor', '']);
    case 6:
      return new RandomGenerator(2);
    default:
      return draw.of(strangers);
  }
}

/** How an argument is shown beside a crash. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (value instanceof RandomGenerator) return 'Generator';
  if (typeof value === 'object' && value !== null && 'handle' in value) {
    const made = value as Tensor;
    if (made.disposed) return String(made);
    const grad = made.requiresGrad ? ' requiresGrad' : '';
    return `${made} strides [${made.strides}]${grad}`;
  }
  return typeof value === 'string' ? `'${value}'` : String(value);
}
