/**
 * What numpy.save writes for objects: the closed list of Python names for arrays, their element types, scalars and bytes.
 * Depends on the unpickled values.
 */

import { type PickleDialect, PickleFunction, PickleObject, type PickleValue } from './pickle-values.js';

/** `numpy.dtype('f8')` and the byte order that its state adds. */
export class NumpyDType extends PickleObject {
  override readonly kind = 'numpy.dtype';
  /** Without byte order: `f8`, `O8`. */
  readonly name: string;
  /** `<`, `>`, or `|` if there is none. */
  order = '|';

  constructor(name: string) {
    super();
    this.name = name;
  }

  /** State: version, order, then subtype, names and fields, which are None unless the type is structured; then sizes. */
  override setState(state: PickleValue): boolean {
    if (!Array.isArray(state) || state.length < 5) return false;
    const [, order, subtype, names, fields] = state;
    if (typeof order !== 'string' || !/^[<>|]$/.test(order)) return false;
    if (subtype !== null || names !== null || fields !== null) return false;
    this.order = order;
    return true;
  }

  /** NumPy's type string: `<f8`, `|u1`, `|O`. */
  get typeString(): string {
    return this.name.startsWith('O') ? '|O' : this.order + this.name;
  }
}

/** The state of an array. */
export interface NumpyArrayState {
  readonly shape: readonly number[];
  readonly dtype: NumpyDType;
  readonly fortranOrder: boolean;
  /** The elements: their bytes (as text, one character each, if Python 2 wrote them) or a list of objects. */
  readonly data: Uint8Array | string | readonly PickleValue[];
}

/** `numpy.ndarray`, created empty; its shape, type and elements are set afterwards. */
export class NumpyArray extends PickleObject {
  override readonly kind = 'numpy.ndarray';
  /** Undefined until the pickle sets it. */
  state: NumpyArrayState | undefined;

  /** State: version, shape, element type, whether the order is Fortran's, elements. */
  override setState(state: PickleValue): boolean {
    if (!Array.isArray(state) || state.length !== 5 || this.state !== undefined) return false;
    const [, shape, dtype, fortran, data] = state;
    if (!Array.isArray(shape) || !shape.every(size => typeof size === 'number')) return false;
    if (!(dtype instanceof NumpyDType)) return false;
    if (!(data instanceof Uint8Array) && !Array.isArray(data) && typeof data !== 'string') return false;
    this.state = { shape: shape as number[], dtype, fortranOrder: fortran === true || fortran === 1, data };
    return true;
  }
}

const globals = new Map<string, PickleFunction>();

function allow(module: string, name: string, call: (args: readonly PickleValue[]) => PickleValue | undefined): void {
  globals.set(`${module} ${name}`, new PickleFunction(`${module}.${name}`, call));
}

const notCalled = () => undefined;
allow('numpy', 'ndarray', notCalled);
const ndarray = globals.get('numpy ndarray');
allow('numpy', 'dtype', ([name]) =>
  typeof name === 'string' && /^[A-Za-z]\d*$/.test(name) ? new NumpyDType(name) : undefined,
);
// NumPy 2 renamed the module.
for (const module of ['numpy.core.multiarray', 'numpy._core.multiarray']) {
  allow(module, '_reconstruct', ([type]) => (type === ndarray ? new NumpyArray() : undefined));
  allow(module, 'scalar', ([dtype, bytes]) => integerScalar(dtype, bytes));
}
// Protocol 2 has no bytes: Python 3 writes them as text to encode, and empty ones as a call without arguments.
allow('_codecs', 'encode', args => {
  const [text, encoding] = args;
  if (args.length !== 2 || typeof text !== 'string' || encoding !== 'latin1') return undefined;
  return latin1Bytes(text);
});
for (const module of ['__builtin__', 'builtins'])
  allow(module, 'bytes', args => (args.length === 0 ? new Uint8Array(0) : undefined));

/** What numpy.save writes for a dict of arrays. */
export const numpyDialect: PickleDialect = {
  findGlobal: (module, name) => globals.get(`${module} ${name}`),
  findPersistent: () => undefined,
  bytes: true,
  advice: 'Only a dict of numeric arrays, as written by numpy.save, is read',
};

/** @returns undefined if a character is not in Latin-1. */
export function latin1Bytes(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) return undefined;
    bytes[i] = code;
  }
  return bytes;
}

/** A NumPy integer, such as a class label that is a NumPy scalar. */
function integerScalar(dtype: PickleValue | undefined, data: PickleValue | undefined): number | undefined {
  if (!(dtype instanceof NumpyDType)) return undefined;
  const bytes = typeof data === 'string' ? latin1Bytes(data) : data;
  const [, signed, width] = /^[<|]([iu])([1248])$/.exec(dtype.typeString) ?? [];
  if (!(bytes instanceof Uint8Array) || bytes.length !== Number(width)) return undefined;
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  const number = Number(signed === 'i' ? BigInt.asIntN(8 * bytes.length, value) : value);
  return Number.isSafeInteger(number) ? number : undefined;
}
