/**
 * Damage to files as fast-check draws it: flipped bytes, cuts, edited lengths, pieces of other files, insertions. Depends
 * on fast-check only.
 */
import fc from 'fast-check';

/** Numbers that a length field is set to: small, near the limits of their width, or near the file's own size. */
const lengths = [0, 1, 2, 7, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

/**
 * Places and sizes are fractions, so that a mutation fits files of any size and shrinks towards their beginning. Not drawn
 * as floats: fast-check draws those evenly over their bits, so that nearly all are next to nothing.
 */
const fraction = fc.noBias(fc.integer({ min: 0, max: 2 ** 30 - 1 })).map(numerator => numerator / 2 ** 30);
/** Headers are the beginning of most formats, and short: half of all damage goes there. */
const place = fc.oneof(
  fraction,
  fraction.map(at => at ** 3),
);
const length = fraction.map(size => size ** 3);

type Mutation = (bytes: Buffer, others: readonly Buffer[]) => Buffer;

const at = (where: number, { length }: Buffer) => Math.floor(where * length);

function spliced(bytes: Buffer, from: number, removed: number, inserted: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, from), inserted, bytes.subarray(from + removed)]);
}

const flip = fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(
  ([where, mask]): Mutation =>
    bytes => {
      const changed = Buffer.from(bytes);
      if (changed.length > 0) changed[at(where, changed)]! ^= mask;
      return changed;
    },
);

const cut = fraction.map(
  (where): Mutation =>
    bytes =>
      bytes.subarray(0, at(where, bytes)),
);

const editLength = fc
  .tuple(
    place,
    fc.constantFrom(1, 2, 4, 8),
    fc.boolean(),
    fc.oneof(
      fc.constantFrom(...lengths),
      fc.integer({ min: -9, max: 9 }).map(near => (size: number) => size + near),
    ),
  )
  .map(
    ([where, width, littleEndian, value]): Mutation =>
      bytes => {
        const field = Buffer.alloc(8);
        const number = Math.max(0, typeof value === 'number' ? value : value(bytes.length));
        field.writeBigUInt64LE(BigInt(number));
        const written = littleEndian ? field.subarray(0, width) : Buffer.from(field.subarray(0, width)).reverse();
        return spliced(bytes, at(where, bytes), width, written);
      },
  );

const insert = fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 40 })).map(
  ([where, added]): Mutation =>
    bytes =>
      spliced(bytes, at(where, bytes), 0, added),
);

const remove = fc.tuple(place, length).map(
  ([where, size]): Mutation =>
    bytes =>
      spliced(bytes, at(where, bytes), 1 + at(size, bytes), Buffer.alloc(0)),
);

/** A piece of this or another file over, or between, what is there. */
const splice = fc.tuple(fc.nat(), fraction, length, place, fc.boolean()).map(
  ([which, from, size, where, over]): Mutation =>
    (bytes, others) => {
      const other = others[which % others.length]!;
      const piece = other.subarray(at(from, other), at(from, other) + 1 + at(size, other));
      return spliced(bytes, at(where, bytes), over ? piece.length : 0, piece);
    },
);

/** A few bytes many times: what grows when it is unpacked, and nests. */
const repeat = fc.tuple(place, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 2, max: 3000 })).map(
  ([where, size, times]): Mutation =>
    bytes => {
      const from = at(where, bytes);
      const piece = bytes.subarray(from, from + size);
      return spliced(bytes, from, 0, Buffer.concat(Array.from({ length: times }, () => piece)));
    },
);

const mutation = fc.oneof(
  { weight: 5, arbitrary: flip },
  { weight: 4, arbitrary: editLength },
  { weight: 3, arbitrary: splice },
  { weight: 2, arbitrary: insert },
  { weight: 2, arbitrary: remove },
  { weight: 1, arbitrary: cut },
  { weight: 1, arbitrary: repeat },
);

/** One kind of damage more often than several: what is damaged all over is refused at its first bytes. */
const damages = fc.oneof(
  { weight: 2, arbitrary: mutation.map(only => [only]) },
  { weight: 1, arbitrary: fc.array(mutation, { minLength: 2, maxLength: 5 }) },
);

/** One of the seeds with some damage. */
export function damaged(seeds: readonly Buffer[]): fc.Arbitrary<Buffer> {
  return fc
    .tuple(fc.nat({ max: seeds.length - 1 }), damages)
    .map(([seed, mutations]) => mutations.reduce((bytes, change) => change(bytes, seeds), seeds[seed]!));
}
