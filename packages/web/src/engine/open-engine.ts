/**
 * From the address of a model to an engine in this thread: downloaded or read, its digest checked, understood, loaded. Depends on
 * download/, model/, runtime/ and local-engine.ts.
 */
import { platform } from '#platform';
import { readAddress } from '../download/address.js';
import { sha256 } from '../download/digest.js';
import { readCached } from '../download/model-cache.js';
import { reasonOf, UserError } from '../errors.js';
import { type ModelFacts, readFacts } from '../model/metadata.js';
import { findRuntime } from '../runtime/find-runtime.js';
import type { CallableRuntime, Device, FoundRuntime, Runtime, Session } from '../runtime/runtime.js';
import { LocalEngine } from './local-engine.js';
import { failureOfRuntime } from './runtime-failure.js';

/** A file: its address in full, its path, or its bytes. */
export type PlainSource = string | Uint8Array | Blob;

/** What to load, and how, in a form that survives a structured clone. */
export interface LoadPlan {
  readonly model: PlainSource;
  readonly encoder: PlainSource | undefined;
  /** SHA-256 of the files, where the caller knows it. */
  readonly digest: string | undefined;
  readonly encoderDigest: string | undefined;
  readonly device: Device | 'auto';
  readonly threads: number | undefined;
  readonly cache: boolean;
  /** The address of ONNX Runtime, where the caller gives one. */
  readonly runtime: string | undefined;
}

/** How far loading is. */
export interface LoadProgress {
  /** What is being loaded. */
  readonly file: 'model' | 'encoder';
  /** Bytes that have come. */
  readonly loaded: number;
  /** Bytes in all, where the server says it. */
  readonly total: number | undefined;
}

/** What is told while loading, and what ends it. */
export interface LoadHooks {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  readonly onNotice?: ((notice: string) => void) | undefined;
}

/**
 * @param runtime the runtime itself, where the caller has it.
 * @throws UserError for everything that can be wrong with the file, the network and the device; the signal's reason.
 */
export async function openEngine(plan: LoadPlan, hooks: LoadHooks, runtime?: Runtime): Promise<LocalEngine> {
  const { device, threads } = plan;
  const [model, encoder, found] = await Promise.all([
    readModel(plan.model, 'model', plan.digest, plan, hooks),
    plan.encoder === undefined ? undefined : readModel(plan.encoder, 'encoder', plan.encoderDigest, plan, hooks),
    findRuntime({ device, threads, runtime: runtime ?? plan.runtime }),
  ]);
  check(model, 'generator');
  if (encoder !== undefined) {
    check(encoder, 'encoder');
    if (encoder.facts.style?.channels !== model.facts.style?.channels) throw otherEncoder(model.facts, encoder);
  }
  if (model.facts.labelNc > 0 && model.facts.image !== null) throw severalInputs(model);
  hooks.signal?.throwIfAborted();
  let place = found;
  const createAll = () => Promise.all([create(model, place), encoder && create(encoder, place)]);
  let sessions: [Session, Session | undefined];
  try {
    sessions = await createAll();
  } catch (cause) {
    if (place.device !== 'webgpu' || device === 'webgpu') throw cause;
    hooks.onNotice?.(`WebGPU cannot compute this model here, WebAssembly does: ${reasonOf(cause)}`);
    place = { ...found, device: 'wasm' };
    sessions = await createAll();
  }
  const engine = new LocalEngine(
    {
      file: model.name,
      facts: model.facts,
      encoder: encoder?.facts ?? null,
      device: place.device,
      threads: place.threads,
    },
    place.runtime as unknown as CallableRuntime,
    ...sessions,
  );
  if (hooks.signal?.aborted) await engine.dispose();
  hooks.signal?.throwIfAborted();
  return engine;
}

interface ReadModel {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly facts: ModelFacts;
}

async function readModel(
  source: PlainSource,
  file: 'model' | 'encoder',
  digest: string | undefined,
  { cache }: LoadPlan,
  { signal, onProgress, onNotice }: LoadHooks,
): Promise<ReadModel> {
  const name = typeof source === 'string' ? source : `the ${file}`;
  const doing = `loading the ${file}`;
  const options = {
    doing,
    signal,
    onProgress: onProgress && ((loaded: number, total?: number) => onProgress({ file, loaded, total })),
  };
  const read = async () => {
    if (source instanceof Uint8Array) return source;
    if (typeof source !== 'string') return new Uint8Array(await source.arrayBuffer());
    const path = platform.pathOf(source);
    if (path !== undefined) return platform.readFile(path, `the ${file}`);
    return cache ? readCached(source, digest, options) : (await readAddress(source, options)).bytes;
  };
  const bytes = await read();
  if (digest !== undefined) {
    const found = await sha256(bytes);
    if (found === undefined) onNotice?.('digests cannot be checked on pages that came by plain http');
    else if (found !== digest)
      throw new UserError({
        code: 'MODEL_DAMAGED',
        doing,
        where: name,
        found: `SHA-256 ${found}`,
        expected: `SHA-256 ${digest}, which the program asks for`,
        remedy: 'put the intended file there, or correct the digest',
      });
  }
  return { name, bytes, facts: readFacts(bytes, name) };
}

function check({ facts, name }: ReadModel, kind: ModelFacts['kind']): void {
  if (facts.kind === kind) return;
  throw new UserError({
    code: 'MODEL_UNSUITABLE',
    doing: `loading the ${kind === 'generator' ? 'model' : 'encoder'}`,
    where: name,
    found: kind === 'generator' ? 'an encoder, which takes styles from images' : 'a generator',
    expected: kind === 'generator' ? 'a generator: generator.onnx' : 'an encoder: encoder.onnx',
    remedy: 'give generator.onnx as the model, and encoder.onnx as the option encoder',
  });
}

function severalInputs({ name }: ReadModel): UserError {
  return new UserError({
    code: 'MODEL_UNSUITABLE',
    doing: 'loading the model',
    where: name,
    found: 'a network of label maps and images at once (--inputs)',
    expected: 'one of them',
    remedy: 'run the file by ONNX Runtime itself, whose inputs docs/onnx.md lists, or generate with pix2pixhd',
  });
}

function otherEncoder(model: ModelFacts, { facts, name }: ReadModel): UserError {
  return new UserError({
    code: 'MODEL_UNSUITABLE',
    doing: 'loading the encoder',
    where: name,
    found: `an encoder of ${facts.style?.channels ?? 0} style features`,
    expected: `one of ${model.style?.channels ?? 0}, as the generator takes`,
    remedy: 'give the encoder that was exported with the generator',
  });
}

async function create({ bytes, name }: ReadModel, { runtime, device, threads }: FoundRuntime): Promise<Session> {
  const { InferenceSession } = runtime as unknown as CallableRuntime;
  try {
    return await InferenceSession.create(bytes, {
      executionProviders: [device],
      logSeverityLevel: 3,
      ...(device === 'cpu' && threads > 0 && { intraOpNumThreads: threads }),
    });
  } catch (cause) {
    throw failureOfRuntime(cause, 'loading the model into ONNX Runtime', name);
  }
}
