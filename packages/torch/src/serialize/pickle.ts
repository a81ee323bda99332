/**
 * A restricted reader for Python pickles: it knows only the opcodes that torch.save and numpy.save write (pickle protocols
 * 2 to 5) and the globals of its dialect. Anything else is an error that names it. It calls no code but its own, so a
 * hostile pickle can at worst cause an error. Depends on the pickle reader and the values.
 */

import { quote } from './file-format-error.js';
import type { PickleReader } from './pickle-reader.js';
import { kindOf, type PickleDialect, PickleFunction, PickleObject, type PickleValue } from './pickle-values.js';

/**
 * Bytes that the objects of a pickle may take: a constant plus a multiple of the file's size. One byte can create an object,
 * and one byte of a compressed file a thousand; a state dict takes about 3 kB per tensor by this count, and its tensors the
 * rest of the file.
 */
const freeBytes = 32 * 2 ** 20;
const maxGrowth = 1;
/** About what V8 takes for a dict or an object of ours, and for a list or an entry of a stack, the memo or a dict. */
const objectBytes = 256;
const otherBytes = 64;
/** Opcodes that create an object. */
const makesObject = new Set([0x7d, 0x52, 0x81, 0x51]);

/** Opcodes that exist and are refused, with the names that Python's pickletools gives them. */
const refusedOpcodes = new Map<number, string>([
  [0x69, 'INST'],
  [0x6f, 'OBJ'],
  [0x92, 'NEWOBJ_EX'],
  [0x82, 'EXT1'],
  [0x83, 'EXT2'],
  [0x84, 'EXT4'],
  [0x50, 'PERSID'],
  [0x42, 'BINBYTES'], // if the dialect has no bytes
  [0x43, 'SHORT_BINBYTES'],
  [0x8e, 'BINBYTES8'],
  [0x96, 'BYTEARRAY8'],
  [0x97, 'NEXT_BUFFER'],
  [0x98, 'READONLY_BUFFER'],
  [0x8f, 'EMPTY_SET'],
  [0x90, 'ADDITEMS'],
  [0x91, 'FROZENSET'],
]);

/**
 * Reads one pickle; the reader is then just after its STOP.
 * @param fileBytes the file's size on the disk if the pickle was inflated: it bounds what the objects may take.
 * @throws {FileFormatError} naming the global or opcode that is not allowed, or what is damaged.
 */
export function unpickle(reader: PickleReader, dialect: PickleDialect, fileBytes = reader.size): PickleValue {
  return new Unpickler(reader, dialect, fileBytes).run();
}

class Unpickler {
  readonly #reader: PickleReader;
  readonly #dialect: PickleDialect;
  readonly #start: number;
  /** Bytes that further objects may take. */
  #budget: number;
  readonly #memo = new Map<number, PickleValue>();
  /** The stacks below the last MARKs. */
  readonly #marked: PickleValue[][] = [];
  #stack: PickleValue[] = [];
  /** How many items calls have copied; see {@link #call}. */
  #copied = 0;

  constructor(reader: PickleReader, dialect: PickleDialect, fileBytes: number) {
    this.#reader = reader;
    this.#dialect = dialect;
    this.#start = reader.position;
    this.#budget = freeBytes + maxGrowth * fileBytes;
  }

  run(): PickleValue {
    if (this.#reader.u8() !== 0x80) throw this.#reader.error('does not hold a pickle of protocol 2 or later');
    const protocol = this.#reader.u8();
    if (protocol < 2 || protocol > 5) throw this.#reader.error(`has pickle protocol ${protocol}, expected 2 to 5`);
    for (;;) {
      const opcode = this.#reader.u8();
      if (opcode === 0x2e) return this.#pop(); // STOP
      this.#budget -= makesObject.has(opcode) ? objectBytes : otherBytes;
      if (this.#budget < 0) throw this.#reader.error('holds objects that take far more memory than its file; refused');
      this.#step(opcode);
    }
  }

  #step(opcode: number): void {
    const reader = this.#reader;
    const stack = this.#stack;
    switch (opcode) {
      case 0x95: // FRAME: a hint for buffering
        reader.length64();
        return;
      case 0x28: // MARK
        this.#marked.push(stack);
        this.#stack = [];
        return;
      case 0x30: // POP
        if (stack.length === 0) this.#popMark();
        else stack.pop();
        return;
      case 0x31: // POP_MARK
        this.#popMark();
        return;
      case 0x32: // DUP
        stack.push(this.#top());
        return;

      case 0x4e: // NONE
        stack.push(null);
        return;
      case 0x88: // NEWTRUE
        stack.push(true);
        return;
      case 0x89: // NEWFALSE
        stack.push(false);
        return;
      case 0x4a: // BININT
        stack.push(reader.i32());
        return;
      case 0x4b: // BININT1
        stack.push(reader.u8());
        return;
      case 0x4d: // BININT2
        stack.push(reader.u16());
        return;
      case 0x8a: // LONG1
        stack.push(reader.integer(reader.u8()));
        return;
      case 0x8b: // LONG4
        stack.push(reader.integer(reader.u32()));
        return;
      case 0x47: // BINFLOAT
        stack.push(reader.f64());
        return;
      case 0x58: // BINUNICODE
        stack.push(reader.text(reader.u32()));
        return;
      case 0x8c: // SHORT_BINUNICODE
        stack.push(reader.text(reader.u8()));
        return;
      case 0x54: // BINSTRING: a Python 2 str, which held the names of parameters and the bytes of arrays
        stack.push(this.#python2Text(reader.u32()));
        return;
      case 0x55: // SHORT_BINSTRING
        stack.push(this.#python2Text(reader.u8()));
        return;
      case 0x8d: // BINUNICODE8
        stack.push(reader.text(reader.length64()));
        return;

      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        stack.push([]);
        return;
      case 0x7d: // EMPTY_DICT
        stack.push(new Map());
        return;
      case 0x74: {
        // TUPLE
        const items = this.#popMark();
        this.#stack.push(items);
        return;
      }
      case 0x85: // TUPLE1
        this.#pushTuple(1);
        return;
      case 0x86: // TUPLE2
        this.#pushTuple(2);
        return;
      case 0x87: // TUPLE3
        this.#pushTuple(3);
        return;
      case 0x61: // APPEND
        this.#append([this.#pop()]);
        return;
      case 0x65: // APPENDS
        this.#append(this.#popMark());
        return;
      case 0x73: // SETITEM
        this.#setItems([this.#pop(), this.#pop()].reverse());
        return;
      case 0x75: // SETITEMS
        this.#setItems(this.#popMark());
        return;

      case 0x71: // BINPUT
        this.#memo.set(reader.u8(), this.#top());
        return;
      case 0x72: // LONG_BINPUT
        this.#memo.set(reader.u32(), this.#top());
        return;
      case 0x94: // MEMOIZE
        this.#memo.set(this.#memo.size, this.#top());
        return;
      case 0x68: // BINGET
        stack.push(this.#recall(reader.u8()));
        return;
      case 0x6a: // LONG_BINGET
        stack.push(this.#recall(reader.u32()));
        return;

      case 0x63: // GLOBAL
        stack.push(this.#global(reader.line(), reader.line()));
        return;
      case 0x93: {
        // STACK_GLOBAL
        const name = this.#pop();
        const module = this.#pop();
        if (typeof module !== 'string' || typeof name !== 'string')
          throw reader.error('names a global, but not as text');
        stack.push(this.#global(module, name));
        return;
      }
      case 0x52: // REDUCE
      case 0x81: // NEWOBJ: calls a class with arguments, which is the same for the few we allow
        this.#call();
        return;
      case 0x62: // BUILD
        this.#build();
        return;
      case 0x51: // BINPERSID
        this.#persistent();
        return;
      default:
        if (this.#dialect.bytes && this.#pushBytes(opcode)) return;
        this.#refuse(opcode);
    }
  }

  #refuse(opcode: number): never {
    const name = refusedOpcodes.get(opcode) ?? `0x${opcode.toString(16).padStart(2, '0')}`;
    throw this.#reader.error(
      `uses the pickle opcode ${name}, which such files do not need; refused. ${this.#dialect.advice}`,
    );
  }

  #pushBytes(opcode: number): boolean {
    const reader = this.#reader;
    if (opcode === 0x42)
      this.#stack.push(reader.bytes(reader.u32())); // BINBYTES
    else if (opcode === 0x43)
      this.#stack.push(reader.bytes(reader.u8())); // SHORT_BINBYTES
    else if (opcode === 0x8e)
      this.#stack.push(reader.bytes(reader.length64())); // BINBYTES8
    else return false;
    return true;
  }

  #python2Text(length: number): string {
    return this.#dialect.bytes ? this.#reader.latin1(length) : this.#reader.text(length);
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined) throw this.#reader.error('is damaged: the pickle pops from an empty stack');
    return value;
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined) throw this.#reader.error('is damaged: the pickle reads from an empty stack');
    return value;
  }

  /** Ends the stack of the last MARK. @returns its values. */
  #popMark(): PickleValue[] {
    const values = this.#stack;
    const below = this.#marked.pop();
    if (below === undefined) throw this.#reader.error('is damaged: the pickle lacks a MARK');
    this.#stack = below;
    return values;
  }

  #pushTuple(size: number): void {
    if (this.#stack.length < size) throw this.#reader.error('is damaged: the pickle pops from an empty stack');
    this.#stack.push(this.#stack.splice(-size));
  }

  #append(values: readonly PickleValue[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw this.#reader.error(`appends to a ${kindOf(list)}; refused`);
    for (const value of values) list.push(value);
  }

  #setItems(items: readonly PickleValue[]): void {
    const dict = this.#top();
    if (!(dict instanceof Map)) throw this.#reader.error(`sets items of a ${kindOf(dict)}; refused`);
    if (items.length % 2 !== 0) throw this.#reader.error('is damaged: a dict has a key without a value');
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i]!;
      if (typeof key !== 'string' && typeof key !== 'number') {
        throw this.#reader.error(`has a dict key of type ${kindOf(key)}; only str and int are read`);
      }
      dict.set(key, items[i + 1]!);
    }
  }

  #recall(index: number): PickleValue {
    const value = this.#memo.get(index);
    if (value === undefined)
      throw this.#reader.error(`is damaged: the pickle reads memo entry ${index}, which it never stored`);
    return value;
  }

  #global(module: string, name: string): PickleValue {
    const found = this.#dialect.findGlobal(module, name);
    if (found === undefined) {
      throw this.#reader.error(
        `mentions the Python global ${quote(`${module}.${name}`)}; refused. ${this.#dialect.advice}`,
      );
    }
    return found;
  }

  #call(): void {
    const args = this.#pop();
    const callee = this.#pop();
    if (!(callee instanceof PickleFunction)) throw this.#reader.error(`calls a ${kindOf(callee)}; refused`);
    if (!Array.isArray(args)) throw this.#reader.error(`calls ${callee.name} without a tuple of arguments; refused`);
    // Each item was written once, so calls normally copy fewer items than the pickle has bytes; a memoised list passed
    // repeatedly would exceed that, and fill the memory.
    const [first] = args;
    if (Array.isArray(first) || typeof first === 'string') this.#copied += first.length;
    if (this.#copied > this.#reader.position - this.#start) {
      throw this.#reader.error(`calls ${callee.name} repeatedly on the same items; refused`);
    }
    const result = callee.call(args);
    if (result === undefined) {
      throw this.#reader.error(`calls ${callee.name} with arguments that Python never writes; refused`);
    }
    this.#stack.push(result);
  }

  /** Sets an object's state. An OrderedDict's state is `_metadata`, the versions of modules, which is ignored. */
  #build(): void {
    const state = this.#pop();
    const target = this.#top();
    if (target instanceof Map && state instanceof Map) return;
    if (target instanceof PickleObject && target.setState(state)) return;
    throw this.#reader.error(`sets attributes of a ${kindOf(target)}; refused`);
  }

  #persistent(): void {
    const id = this.#pop();
    const found = this.#dialect.findPersistent(id);
    if (found === undefined) {
      const kind = Array.isArray(id) && typeof id[0] === 'string' ? quote(id[0]) : kindOf(id);
      throw this.#reader.error(
        `refers to ${kind}, which is not the storage of a tensor; refused. ${this.#dialect.advice}`,
      );
    }
    this.#stack.push(found);
  }
}
