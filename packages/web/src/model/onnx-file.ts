/**
 * What an ONNX file says about itself: the metadata of its ModelProto, which the JavaScript API of ONNX Runtime does not show.
 * Depends on nothing. Source: onnx.proto3, and the wire format of protocol buffers.
 */

/** Bytes that are not a ModelProto from start to end. */
export class NotOnnx extends Error {
  override readonly name = 'NotOnnx';
}

/** Of ModelProto. */
const [IR_VERSION, GRAPH, METADATA_PROPS] = [1, 7, 14];
/** Of StringStringEntryProto. */
const [KEY, VALUE] = [1, 2];

/**
 * The metadata of a model. The graph, nearly all of the file, is skipped.
 *
 * @throws NotOnnx where the bytes are no model, or end early.
 */
export function readMetadata(file: Uint8Array): Map<string, string> {
  const metadata = new Map<string, string>();
  const seen = new Set<number>();
  for (const { field, bytes } of fieldsOf(file)) {
    seen.add(field);
    if (field !== METADATA_PROPS || bytes === undefined) continue;
    const texts = new Map([...fieldsOf(bytes)].map(entry => [entry.field, textOf(entry.bytes)]));
    metadata.set(texts.get(KEY) ?? '', texts.get(VALUE) ?? '');
  }
  if (!seen.has(IR_VERSION) || !seen.has(GRAPH)) throw new NotOnnx('no version and no graph');
  return metadata;
}

interface Field {
  readonly field: number;
  /** Of a field with a length: texts and messages. */
  readonly bytes?: Uint8Array;
}

function* fieldsOf(message: Uint8Array): Generator<Field> {
  let at = 0;
  /** A number of seven bits a byte, the lowest first. Exact up to 2⁵³. */
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++];
      if (byte === undefined || scale > 2 ** 63) throw new NotOnnx('a number that does not end');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const [field, kind] = [Math.floor(key / 8), key % 8];
    if (field === 0) throw new NotOnnx('a field without a number');
    if (kind === 0) varint();
    else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else if (kind !== 2) throw new NotOnnx(`a field of the kind ${kind}`);
    let bytes: Uint8Array | undefined;
    if (kind === 2) {
      const length = varint();
      bytes = message.subarray(at, at + length);
      at += length;
    }
    if (at > message.length) throw new NotOnnx(`field ${field} ends after the file`);
    yield { field, ...(bytes !== undefined && { bytes }) };
  }
}

function textOf(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}
