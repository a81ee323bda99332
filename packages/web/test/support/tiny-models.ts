/**
 * Small models in the form that `pix2pixhd export --format onnx` writes, whose results show what went in. Written by hand, field by
 * field of onnx.proto, so that nothing of the package reads what it wrote itself. Depends on Node.
 */

/** Classes of the generator's label maps. */
export const labelNc = 5;

/** One style feature, so that a plane of it is a channel: class 1 has the clusters 10, 20 and 30, class 4 has 40 and 50. */
const book = {
  mean: [99],
  classes: {
    1: { mean: [15], clusters: [10, 20, 30].map(value => ({ centre: [value], count: 2 })) },
    4: { mean: [45], clusters: [40, 50].map(value => ({ centre: [value], count: 1 })) },
  },
};

/** What the generator says of itself. */
export const description = {
  version: 1,
  kind: 'generator',
  name: 'tiny',
  step: 12,
  command: 'pix2pixhd train --name tiny',
  licence: 'CC0',
  labelNc,
  needsInstances: true,
  image: null,
  style: { channels: 1, perClass: false, book },
  output: { channels: 3, dtype: 'uint8', black: 0, white: 255 },
  classes: Array.from({ length: labelNc }, (_, id) => ({
    id,
    name: `class ${id}`,
    colour: `#0000${id}0`,
    countable: id === 4,
  })),
  sizes: { multiple: 4, least: 4 },
  noise: false,
};

/** Red is the class, green the instance, blue the style feature, each cut to 8 bits. */
export function tinyGenerator(changes: object = {}): Uint8Array<ArrayBuffer> {
  const nodes = [
    ...['label', 'instance'].flatMap(name => [
      node('Cast', [name], `${name}_float`, { to: FLOAT }),
      node('Unsqueeze', [`${name}_float`, 'one'], `${name}_plane`),
    ]),
    node('Concat', ['label_plane', 'instance_plane', 'style'], 'planes', { axis: 1 }),
    node('Transpose', ['planes'], 'image', { perm: [0, 2, 3, 1] }),
    node('Cast', ['image'], 'result', { to: UINT8 }),
  ];
  const inputs = [
    value('label', INT32, ['N', 'H', 'W']),
    value('instance', INT32, ['N', 'H', 'W']),
    value('style', FLOAT, ['N', 1, 'H', 'W']),
  ];
  return model(nodes, inputs, value('result', UINT8, ['N', 'H', 'W', 3]), { ...description, ...changes });
}

/** The style feature is the red channel of the image. */
export function tinyEncoder(): Uint8Array<ArrayBuffer> {
  const nodes = [
    node('Cast', ['image'], 'float', { to: FLOAT }),
    node('Gather', ['float', 'first'], 'red', { axis: 3 }),
    node('Cast', ['ids'], 'float_ids', { to: FLOAT }),
    node('Mul', ['float_ids', 'zero'], 'nothing'),
    node('Add', ['red', 'nothing'], 'sum'),
    node('Unsqueeze', ['sum', 'one'], 'style'),
  ];
  const inputs = [value('image', UINT8, ['N', 'H', 'W', 3]), value('ids', INT32, ['N', 'H', 'W'])];
  return model(nodes, inputs, value('style', FLOAT, ['N', 1, 'H', 'W']), { ...description, kind: 'encoder' });
}

/** A network without label maps, whose result is the input. */
export function tinyFilter(dtype: 'uint8' | 'float32', white: number): Uint8Array<ArrayBuffer> {
  const type = dtype === 'uint8' ? UINT8 : FLOAT;
  const shape = ['N', 'H', 'W', 3];
  return model([node('Identity', ['image'], 'result')], [value('image', type, shape)], value('result', type, shape), {
    ...description,
    labelNc: 0,
    needsInstances: false,
    style: null,
    classes: null,
    image: { channels: 3, dtype, ranges: [{ channels: 3, black: 0, white }] },
    output: { channels: 3, dtype, black: 0, white },
  });
}

/** An ONNX file with metadata of somebody else. */
export function otherModel(): Uint8Array<ArrayBuffer> {
  const shape = ['N'];
  return model([node('Identity', ['x'], 'y')], [value('x', FLOAT, shape)], value('y', FLOAT, shape), null);
}

const [FLOAT, UINT8, INT32, INT64] = [1, 2, 6, 7];

function model(
  nodes: readonly Uint8Array[],
  inputs: readonly Uint8Array[],
  output: Uint8Array,
  about: object | null,
): Uint8Array<ArrayBuffer> {
  const graph = [
    ...nodes.map(one => bytes(1, one)),
    text(2, 'tiny'),
    bytes(5, joined(number(1, 1), number(2, INT64), text(8, 'one'), bytes(9, int64(1)))),
    bytes(5, joined(number(2, INT64), text(8, 'first'), bytes(9, int64(0)))),
    bytes(5, joined(number(2, FLOAT), text(8, 'zero'), bytes(9, new Uint8Array(4)))),
    ...inputs.map(one => bytes(11, one)),
    bytes(12, output),
  ];
  const entry = (key: string, text_: string) => bytes(14, joined(text(1, key), text(2, text_)));
  return joined(
    number(1, 8),
    text(2, 'tests'),
    bytes(7, joined(...graph)),
    bytes(8, number(2, 17)),
    entry('author', 'the tests'),
    ...(about === null ? [] : [entry('pix2pixhd', JSON.stringify(about))]),
  );
}

function node(
  type: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, number | readonly number[]>> = {},
): Uint8Array {
  const attribute = ([name, given]: [string, number | readonly number[]]) =>
    typeof given === 'number'
      ? joined(text(1, name), number(3, given), number(20, 2))
      : joined(text(1, name), ...given.map(one => number(8, one)), number(20, 7));
  return joined(
    ...inputs.map(name => text(1, name)),
    text(2, output),
    text(4, type),
    ...Object.entries(attributes).map(entry => bytes(5, attribute(entry))),
  );
}

function value(name: string, type: number, shape: readonly (string | number)[]): Uint8Array {
  const dims = shape.map(size => bytes(1, typeof size === 'number' ? number(1, size) : text(2, size)));
  return joined(text(1, name), bytes(2, bytes(1, joined(number(1, type), bytes(2, joined(...dims))))));
}

function int64(value_: number): Uint8Array {
  return new Uint8Array(BigInt64Array.of(BigInt(value_)).buffer);
}

function varint(value_: number): number[] {
  return value_ < 128 ? [value_] : [(value_ % 128) + 128, ...varint(Math.floor(value_ / 128))];
}

function number(field: number, value_: number): Uint8Array {
  return Uint8Array.from([...varint(field * 8), ...varint(value_)]);
}

function bytes(field: number, value_: Uint8Array): Uint8Array {
  return joined(Uint8Array.from([...varint(field * 8 + 2), ...varint(value_.length)]), value_);
}

function text(field: number, value_: string): Uint8Array {
  return bytes(field, new TextEncoder().encode(value_));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
