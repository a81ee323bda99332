/** `pix2pixhd generate --live`: raw frames on standard input are answered with raw frames on standard output. */
import { addAbortSignal, type Readable, type Writable } from 'node:stream';
import type { GeneratorInfo } from '../api/engine.js';
import type { GenerateConfig } from '../config/commands/generate.js';
import type { TrainConfig } from '../config/schema.js';
import { UsageError, UserError } from '../errors.js';
import { Durations } from '../video/latency.js';
import { cutFrames, type FrameShape, formatChannels, frameBytes, frameRaster, rgb24Of } from '../video/raw-frames.js';
import { Latest, oneAhead } from '../video/read-ahead.js';
import { type Frame, translateFrames } from '../video/translate.js';
import { flickerText } from './flicker-text.js';
import { Interrupt } from './interrupt.js';
import { generatorForFrames, loadForFrames } from './open-for-frames.js';
import type { Terminal } from './terminal.js';

/** Answers frames until the input ends. @returns the exit code. */
export async function generateLive(
  options: GenerateConfig,
  stated: Partial<TrainConfig>,
  terminal: Terminal,
): Promise<number> {
  const { stdin, stdout } = process;
  const { width, height } = options;
  const checkpoint = generatorForFrames(options, stated, 'frames of colours or grey values');
  if (width === null || height === null) throw withoutSize(width === null ? '--width' : '--height');
  for (const [isTerminal, name] of [
    [stdin.isTTY, 'input'],
    [stdout.isTTY, 'output'],
  ] as const)
    if (isTerminal) throw notAPipe(name);
  await using generator = await loadForFrames(checkpoint, options, terminal);
  const format = options.pixelFormat ?? (generator.info.inputChannels === 1 ? 'gray' : 'rgb24');
  const shape: FrameShape = { width, height, format };
  checkFormat(shape, generator.info);
  using interrupt = new Interrupt();
  const { signal } = interrupt;
  let rest = 0;
  const arriving = arrivals(stdin, shape, signal, bytes => {
    rest = bytes;
  });
  const latest = new Latest(arriving);
  const { step } = generator.info;
  terminal.say(`${checkpoint} (step ${step}): ready for frames of ${width}×${height}, ${format}; answers are rgb24`);
  const [latencies, computing] = [new Durations(), new Durations()];
  let frames = 0;
  try {
    const { flicker } = await translateFrames(options.drop ? latest : oneAhead(arriving), {
      generate: async ({ data, ...size }) => {
        const before = performance.now();
        const image = await generator.generate({ ...size, data }, { signal });
        computing.add(performance.now() - before);
        return image;
      },
      write: image => writeTo(stdout, rgb24Of(image), signal),
      smooth: options.smooth,
      onFrame: (number, latencyMs) => {
        frames = number;
        latencies.add(latencyMs);
      },
    });
    if (frames === 0 && !interrupt.requested) throw noFrame(shape, rest);
    if (rest > 0) terminal.notice(`warning: ${truncated(shape, rest)}`);
    if (flicker !== undefined) terminal.say(flickerText(flicker));
  } catch (error) {
    if (!interrupt.requested) throw error;
  }
  const { dropped } = latest;
  const latencyMs = { median: latencies.percentile(0.5), p95: latencies.percentile(0.95) };
  const networkMs = { median: computing.percentile(0.5), p95: computing.percentile(0.95) };
  const reason = interrupt.requested ? 'interrupted' : 'finished';
  const text = `${frames} frames answered, ${dropped} dropped; from a frame to its answer: median ${ms(latencyMs.median)}, p95 ${ms(latencyMs.p95)}; the network alone: median ${ms(networkMs.median)}, p95 ${ms(networkMs.p95)}\n`;
  terminal.result({ reason, checkpoint, step, frames, dropped, latencyMs, networkMs }, text);
  return interrupt.exitCode;
}

/** Frames as they come in; none any more when the signal is aborted. */
async function* arrivals(
  stream: Readable,
  shape: FrameShape,
  signal: AbortSignal,
  onRest: (bytes: number) => void,
): AsyncGenerator<Frame, void, undefined> {
  for await (const bytes of cutFrames(addAbortSignal(signal, stream), frameBytes(shape), onRest))
    yield { pixels: frameRaster(bytes, shape), arrivedMs: performance.now() };
}

/** Resolves when a reader has taken all bytes but those that the system keeps; where it has gone, when the signal says so. */
function writeTo(stream: Writable, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    stream.write(bytes, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}

function ms(milliseconds: number | null): string {
  return milliseconds === null ? '–' : `${milliseconds.toFixed(1)} ms`;
}

function checkFormat({ format }: FrameShape, { inputChannels, file }: GeneratorInfo): void {
  if (formatChannels(format) <= inputChannels) return;
  throw new UsageError({
    code: 'WRONG_CHANNELS',
    doing: 'choosing the inputs',
    where: `--pixel-format ${format}`,
    found: `frames of ${formatChannels(format)} channels`,
    expected: `one channel, which is what ${file} takes`,
    remedy: 'give --pixel-format gray or gray16le, and frames like that',
  });
}

function withoutSize(where: string): UsageError {
  return new UsageError({
    code: 'BAD_OPTION',
    doing: 'choosing the inputs',
    where,
    found: 'no size of the frames',
    expected: 'it: raw frames do not tell',
    remedy: 'give --width and --height',
  });
}

function notAPipe(name: 'input' | 'output'): UsageError {
  return new UsageError({
    code: 'BAD_OPTION',
    doing: 'choosing the inputs',
    where: '--live',
    found: `a terminal as standard ${name}`,
    expected: 'a pipe or a file, with raw frames',
    remedy: 'connect it with other programs: camera | pix2pixhd generate --live … | viewer',
  });
}

function truncated(shape: FrameShape, rest: number): string {
  return `standard input ended within a frame: ${rest} bytes of ${frameBytes(shape)} are left out. If that is so every time, look at --width, --height and --pixel-format`;
}

function noFrame(shape: FrameShape, rest: number): UserError {
  const { width, height, format } = shape;
  return new UserError({
    code: 'FILE_UNREADABLE',
    doing: 'reading frames from standard input',
    found: rest === 0 ? 'nothing' : `${rest} bytes, less than a frame`,
    expected: `frames of ${frameBytes(shape)} bytes: ${width}×${height}, ${format}`,
    remedy: 'look at what writes the frames, and at --width, --height and --pixel-format',
  });
}
