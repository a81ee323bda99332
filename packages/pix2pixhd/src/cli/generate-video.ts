/** `pix2pixhd generate` of videos: decoded, generated frame by frame and encoded again, or written as images. */
import { basename, join } from 'node:path';
import type { LoadedGenerator } from '../api/loaded-generator.js';
import type { GenerateConfig } from '../config/commands/generate.js';
import type { TrainConfig } from '../config/schema.js';
import { stemOf } from '../data/find/stems.js';
import { type ErrorCode, UserError } from '../errors.js';
import { OutputGuard } from '../output/guard.js';
import { isMarked } from '../output/own-files.js';
import { printable } from '../printable.js';
import { decodeFrames, unevenText } from '../video/decode.js';
import { containerOf, encodeFrames, hasEvenSides } from '../video/encode.js';
import { type Ffmpeg, findFfmpeg } from '../video/ffmpeg.js';
import { checkFrameFolder, frameFolder, frameName } from '../video/frame-folder.js';
import { isMarkedVideo } from '../video/own-video.js';
import { probeVideo, type VideoInfo } from '../video/probe.js';
import type { PixelFormat } from '../video/raw-frames.js';
import { oneAhead } from '../video/read-ahead.js';
import { type Translated, translateFrames } from '../video/translate.js';
import { Failures } from './failures.js';
import { flickerText } from './flicker-text.js';
import { FrameProgress } from './frame-progress.js';
import { Interrupt } from './interrupt.js';
import { generatorForFrames, loadForFrames } from './open-for-frames.js';
import type { Terminal } from './terminal.js';

/** Errors after which the next video would fail as well. */
const ofAll: readonly ErrorCode[] = ['CANNOT_WRITE', 'NOT_INSTALLED', 'OUT_OF_MEMORY', 'THREAD_ENDED'];

/** One call of the command. */
interface Call {
  readonly options: GenerateConfig;
  readonly tools: Ffmpeg;
  readonly generator: LoadedGenerator;
  readonly guard: OutputGuard;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Generates from videos. @returns the exit code. */
export async function generateVideos(
  options: GenerateConfig,
  stated: Partial<TrainConfig>,
  videos: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const checkpoint = generatorForFrames(options, stated, 'a video');
  const tools = await findFfmpeg(options.ffmpeg, process.env.FFMPEG);
  const guard = new OutputGuard({
    doing: 'writing the generated videos',
    elsewhere: 'give --out another folder',
    inputs: videos,
    force: options.force,
    isOurs: options.frames ? isMarked : isMarkedVideo,
  });
  guard.checkAll(
    videos.map(video => (options.frames ? join(resultOf(video, options), frameName(1)) : resultOf(video, options))),
  );
  if (options.frames) for (const video of videos) checkFrameFolder(resultOf(video, options), options.force);
  await using generator = await loadForFrames(checkpoint, options, terminal);
  const failures = new Failures('generate', terminal);
  using interrupt = new Interrupt(() => {
    terminal.error.write('\nstopping; press Ctrl-C again to quit at once\n');
  });
  const call: Call = { options, tools, generator, guard, terminal, signal: interrupt.signal };
  const done: Array<Translated & { readonly file: string }> = [];
  for (const video of videos) {
    try {
      done.push(await generateVideo(call, video));
    } catch (error) {
      if (interrupt.requested) break;
      if (videos.length === 1 || (error instanceof UserError && ofAll.includes(error.code))) throw error;
      failures.note({ stem: stemOf(basename(video)), source: video }, error);
    }
  }
  if (interrupt.requested)
    terminal.error.write(
      `Interrupted; of ${videos.length} ${videos.length === 1 ? 'video' : 'videos'} ${done.length} finished\n`,
    );
  else if (failures.count > 0) throw failures.asError('generating the videos', videos.length);
  const images = done.reduce((sum, { frames }) => sum + frames, 0);
  const { step } = generator.info;
  const reason = interrupt.requested ? 'interrupted' : 'finished';
  terminal.result({ reason, checkpoint, step, out: options.out, images, failed: failures.count, videos: done }, '');
  return interrupt.exitCode;
}

/** The file or folder that a video becomes. */
function resultOf(video: string, { out, frames, videoCodec }: GenerateConfig): string {
  const stem = stemOf(basename(video));
  return join(out, frames ? stem : `${stem}.${containerOf[videoCodec]}`);
}

async function generateVideo(call: Call, video: string): Promise<Translated & { readonly file: string }> {
  const { options, tools, generator, guard, terminal, signal } = call;
  const info = await probeVideo(tools, video);
  const file = resultOf(video, options);
  const { notice } = terminal;
  for (const remark of remarks(video, info, options, generator)) notice(`note: ${remark}`);
  const expected = info.about === null ? options.howMany : Math.min(info.about, options.howMany ?? info.about);
  const { file: checkpoint, step, outputChannels: channels } = generator.info;
  terminal.say(`${checkpoint} (step ${step}): generating ${describe(info, expected)} into ${printable(file)}`);
  const sink = options.frames
    ? frameFolder(file, options.force)
    : encodeFrames(tools, { file, codec: options.videoCodec, channels, info, guard });
  try {
    using progress = new FrameProgress(terminal, file, expected);
    const frames = decodeFrames(tools, {
      file: video,
      info,
      format: formatFor(info, generator),
      atMost: options.howMany,
      onNotice: text => notice(`warning: ${text}`),
    });
    const translated = await translateFrames(oneAhead(frames), {
      generate: ({ data, ...size }) => generator.generate({ ...size, data }, { signal }),
      write: image => sink.write(image),
      smooth: options.smooth,
      onFrame: progress.show,
    });
    signal.throwIfAborted();
    await sink.finish();
    progress.finish(translated.frames);
    if (translated.flicker !== undefined) terminal.say(flickerText(translated.flicker));
    return { file, ...translated };
  } finally {
    await sink.discard();
  }
}

function describe({ width, height, frameRate }: VideoInfo, frames: number | null): string {
  return `${width}×${height}, ${frameRate.replace(/\/1$/, '')} frames a second${frames === null ? '' : `, ${frames} frames`},`;
}

/** Grey values where the network takes one channel, or the video has no other: with all bits that it has. */
function formatFor({ grey }: VideoInfo, { info }: LoadedGenerator): PixelFormat {
  if (grey === 16) return 'gray16le';
  return grey === 8 || info.inputChannels === 1 ? 'gray' : 'rgb24';
}

/** What the owner of a video may not expect. */
function remarks(
  video: string,
  info: VideoInfo,
  options: GenerateConfig,
  { info: network }: LoadedGenerator,
): string[] {
  return [
    ...(info.isEven ? [] : [unevenText(video)]),
    ...(network.inputChannels === 1 && info.grey === null ? [`${video}: of its colours the brightness is used`] : []),
    ...(options.frames || options.videoCodec !== 'h264' || hasEvenSides(info)
      ? []
      : [
          `${video}: H.264 of odd size is written as yuv444p, which some players do not show; --video-codec lossless or --frames`,
        ]),
  ];
}
