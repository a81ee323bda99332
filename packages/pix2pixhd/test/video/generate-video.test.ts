/**
 * `pix2pixhd generate` of videos: every frame is the image that generate makes of it, size, number and rate are the input's, and
 * nothing that is not finished has the name of a result. Skipped without ffmpeg, which the set-up does not install.
 */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import sharp from 'sharp';
import { isMarkedPng } from '../../src/output/own-png.js';
import { isMarkedVideo } from '../../src/video/own-video.js';
import { noise, writePng } from '../data/images.js';
import { pix2pixhd, refuse, start, succeed, until } from '../support/cli.js';
import { labelNc, tiny, workFolder, writeImagePairs, writeLabelPairs } from '../support/runs.js';
import { ffmpeg, probe, rawFrames, withoutFfmpeg } from '../support/video.js';

const root = workFolder();
const at = (...names: string[]) => join(root, ...names);
const of = (name: string) => ['--name', name, '--checkpoints-dir', at('checkpoints')];
const generate = (name: string, ...options: string[]) => [
  ...['generate', ...of(name), '--device', 'cpu', '--precision', 'fp32', '--threads', '1', ...options],
];

before(async () => {
  const train = (name: string, dataroot: string, classes: number, ...options: string[]) =>
    succeed(
      ...['train', ...of(name), '--dataroot', dataroot, '--label-nc', String(classes), ...tiny],
      ...['--max-steps', '2', '--display-freq', '0', ...options],
    );
  writeImagePairs(at('images'), 'train', 2, 32, 32);
  writeLabelPairs(at('labels'), 'train', 1, 32, 32);
  writePng(at('grey', 'train_A', '0.png'), 32, 1, noise(32 * 32));
  writePng(at('grey', 'train_B', '0.png'), 32, 1, noise(32 * 32, 1));
  await train('images', at('images'), 0);
  await train('grey', at('grey'), 0, '--input-nc', '1', '--output-nc', '1');
  await train('labels', at('labels'), labelNc);
});

/** A clip of ffmpeg's test picture, which moves and counts. */
function clip(name: string, size: string, frames: number, ...encoding: string[]): string {
  mkdirSync(at('clips'), { recursive: true });
  const picture = `testsrc=size=${size}:rate=30000/1001`;
  ffmpeg(['-f', 'lavfi', '-i', picture, '-frames:v', String(frames), ...encoding, at('clips', name)]);
  return at('clips', name);
}

const lossless = ['-c:v', 'ffv1', '-pix_fmt', 'bgr0'];
const h264 = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p'];

/** The raw pixels of what generate makes of a clip's frames as images, one after the other. */
async function asImages(name: string, video: string, format: string): Promise<Buffer> {
  const [frames, out] = [`${video}.frames`, `${video}.out`];
  mkdirSync(frames);
  ffmpeg(['-i', video, '-fps_mode', 'passthrough', '-pix_fmt', format, join(frames, '%03d.png')]);
  await succeed(...generate(name, '--input', frames, '--out', out));
  return pixelsOf(out);
}

async function pixelsOf(folder: string): Promise<Buffer> {
  const files = readdirSync(folder).sort();
  const read = async (file: string) => {
    const { channels } = await sharp(file).metadata();
    const colours = channels === 1 ? 'b-w' : 'srgb';
    return sharp(file).toColourspace(colours).raw().toBuffer();
  };
  return Buffer.concat(await Promise.all(files.map(file => read(join(folder, file)))));
}

describe('videos', { skip: withoutFfmpeg }, () => {
  for (const [what, size, frames, file, encoding] of [
    ['lossless, of odd size', '53x37', 7, 'odd.mkv', lossless],
    ['H.264', '64x48', 9, 'even.mp4', h264],
    ['H.264 of odd size, in MOV', '37x53', 5, 'odd444.mov', ['-c:v', 'libx264', '-pix_fmt', 'yuv444p']],
    ['Motion JPEG in AVI', '48x32', 3, 'motion.avi', ['-c:v', 'mjpeg', '-q:v', '3']],
    ['VP8 in WebM', '48x32', 3, 'web.webm', ['-c:v', 'libvpx']],
  ] as const)
    test(`${what}: number, size and rate are kept, and frame k is what its image becomes`, async () => {
      const video = clip(file, size, frames, ...encoding);
      const out = at(`of-${file}`);
      await succeed(...generate('images', video, '--out', out, '--video-codec', 'lossless'));
      const stem = file.replace(/\..*/, '');
      assert.deepEqual(readdirSync(out), [`${stem}.mkv`]);
      const result = join(out, `${stem}.mkv`);
      const { width, height, avg_frame_rate, nb_read_frames } = probe(result);
      assert.deepEqual([`${width}x${height}`, avg_frame_rate, nb_read_frames], [size, '30000/1001', String(frames)]);
      const expected = await asImages('images', video, 'rgb24');
      assert.equal(expected.length, Number(width) * Number(height) * 3 * frames);
      assert.ok(rawFrames(result, 'rgb24').equals(expected));
    });

  test('--frames writes the same pixels as numbered PNG files', async () => {
    const video = clip('numbered.mp4', '37x29', 4, '-c:v', 'mpeg4');
    await succeed(...generate('images', video, '--out', at('numbered'), '--frames'));
    const folder = at('numbered', 'numbered');
    assert.deepEqual(
      readdirSync(folder).sort(),
      [1, 2, 3, 4].map(number => `00000${number}.png`),
    );
    assert.ok((await pixelsOf(folder)).equals(await asImages('images', video, 'rgb24')));
    assert.ok(isMarkedPng(join(folder, '000001.png')));
  });

  test('one input channel: the brightness of colours, grey as it is, all 16 bits; grey results', async () => {
    const deep = Buffer.from(Uint16Array.from({ length: 4 * 40 * 24 }, (_, i) => Math.imul(i, 40503) >>> 3).buffer);
    const raw = ['-f', 'rawvideo', '-pixel_format', 'gray16le', '-video_size', '40x24', '-framerate', '8', '-i', '-'];
    mkdirSync(at('clips'), { recursive: true });
    ffmpeg([...raw, '-c:v', 'ffv1', '-pix_fmt', 'gray16le', at('clips', 'deep.mkv')], deep);
    assert.ok(rawFrames(at('clips', 'deep.mkv'), 'gray16le').equals(deep));
    for (const [video, format, isNoted] of [
      [at('clips', 'deep.mkv'), 'gray16be', false],
      [clip('grey.mkv', '40x24', 4, '-c:v', 'ffv1', '-pix_fmt', 'gray'), 'gray', false],
      [clip('colour.mp4', '40x24', 4, ...h264), 'gray', true],
    ] as const) {
      const out = `${video}.video`;
      const { code, stderr } = await pix2pixhd(...generate('grey', video, '--out', out, '--video-codec', 'lossless'));
      assert.equal(code, 0, stderr);
      assert.equal(/of its colours the brightness is used/.test(stderr), isNoted);
      const file = join(out, readdirSync(out)[0]!);
      assert.equal(probe(file).pix_fmt, 'gray');
      const images = await asImages('grey', video, format);
      assert.deepEqual([rawFrames(file, 'gray').length, images.length], [4 * 40 * 24, 4 * 40 * 24]);
      assert.ok(rawFrames(file, 'gray').equals(images), video);
    }
  });

  test('H.264 is what players take: yuv420p where the sides are even, and about the same picture', async () => {
    const video = clip('plain.mp4', '64x48', 6, ...h264);
    const { stderr } = await pix2pixhd(...generate('images', video, '--out', at('plain')));
    assert.doesNotMatch(stderr, /yuv444p/);
    const file = at('plain', 'plain.mp4');
    const { codec_name, pix_fmt, width, height, avg_frame_rate, nb_read_frames } = probe(file);
    assert.deepEqual([codec_name, pix_fmt, width, height], ['h264', 'yuv420p', 64, 48]);
    assert.deepEqual([avg_frame_rate, nb_read_frames], ['30000/1001', '6']);
    // Single pixels lose colour to their neighbours; means over 8×8 of them keep it where matrix and range are right.
    const blocks = ['-vf', 'scale=8:6:flags=area', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'];
    const raw = ['-f', 'rawvideo', '-pixel_format', 'rgb24', '-video_size', '64x48', '-i', '-'];
    const expected = ffmpeg([...raw, ...blocks], await asImages('images', video, 'rgb24'));
    const found = ffmpeg([...raw, ...blocks], rawFrames(file, 'rgb24'));
    assert.equal(found.length, expected.length);
    const distance = expected.reduce((sum, value, i) => sum + Math.abs(value - found[i]!), 0) / expected.length;
    assert.ok(distance < 2, `off by ${distance} of 255 on average`);
    const odd = await pix2pixhd(
      ...generate('images', clip('odd.mp4', '53x37', 3, '-c:v', 'mpeg4'), '--out', at('plain')),
    );
    assert.match(odd.stderr, /odd size is written as yuv444p.*--frames/);
    assert.deepEqual([probe(at('plain', 'odd.mp4')).pix_fmt, probe(at('plain', 'odd.mp4')).width], ['yuv444p', 53]);
  });

  test('a video that is to be turned, and one whose pixels are not square', async () => {
    const upright = clip('upright.mp4', '64x48', 3, ...h264);
    ffmpeg(['-i', upright, '-c', 'copy', '-metadata:s:v:0', 'rotate=90', at('clips', 'turned.mp4')]);
    await succeed(...generate('images', at('clips', 'turned.mp4'), '--out', at('shapes')));
    const turned = probe(at('shapes', 'turned.mp4'));
    assert.deepEqual([turned.width, turned.height, turned.nb_read_frames], [48, 64, '3']);
    await succeed(
      ...generate('images', clip('wide.mp4', '48x48', 3, ...h264, '-vf', 'setsar=4/3'), '--out', at('shapes')),
    );
    assert.equal(probe(at('shapes', 'wide.mp4')).sample_aspect_ratio, '4:3');
  });

  test('frames at uneven times are all there, once each, and that is said', async () => {
    const gap = ['-vf', "select='not(between(n,3,16))'", '-fps_mode', 'vfr'];
    const videos = [
      clip('uneven.mkv', '32x32', 12, ...gap, ...lossless),
      clip('jerky.mp4', '32x32', 9, ...gap, ...h264),
    ];
    const { code, stderr } = await pix2pixhd(...generate('images', ...videos, '--out', at('uneven')));
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      ['uneven.mp4', 'jerky.mp4'].map(name => probe(at('uneven', name)).nb_read_frames),
      ['12', '9'],
    );
    for (const video of videos) assert.ok(stderr.includes(`${video}: its frames are not evenly spaced`), stderr);
  });

  test('--smooth leaves the first frame and changes the others; JSON has the flicker before and after', async () => {
    const video = clip('smooth.mkv', '64x48', 8, ...lossless);
    const options = (out: string, ...more: string[]) =>
      generate('images', video, '--out', at(out), '--video-codec', 'lossless', ...more);
    await succeed(...options('rough'));
    const lines = (await succeed(...options('soft', '--smooth', '0.8'), '--json')).trimEnd().split('\n');
    const { event, reason, images, failed, videos } = JSON.parse(lines.at(-1)!);
    assert.deepEqual([event, reason, images, failed, videos.length], ['result', 'finished', 8, 0, 1]);
    assert.ok(videos[0].flicker.after < videos[0].flicker.before);
    const frame = 64 * 48 * 3;
    const [rough, soft] = ['rough', 'soft'].map(out => rawFrames(at(out, 'smooth.mkv'), 'rgb24')) as [Buffer, Buffer];
    assert.ok(soft.subarray(0, frame).equals(rough.subarray(0, frame)));
    assert.ok(!soft.equals(rough));
    const frames = lines.map(line => JSON.parse(line)).filter(line => line.event === 'frame');
    assert.deepEqual([frames.at(-1).done, frames.at(-1).total], [8, 8]);
  });

  test('--how-many takes the first frames', async () => {
    await succeed(...generate('images', clip('long.mp4', '32x32', 9, ...h264), '--out', at('few'), '--how-many', '4'));
    assert.equal(probe(at('few', 'long.mp4')).nb_read_frames, '4');
  });

  test('earlier results are replaced, other files only with --force, inputs never', async () => {
    const video = clip('guarded.mp4', '32x32', 3, ...h264);
    const out = at('guarded');
    const file = join(out, 'guarded.mp4');
    await succeed(...generate('images', video, '--out', out));
    assert.ok(isMarkedVideo(file));
    await succeed(...generate('images', video, '--out', out));
    // Edited and saved, it is the user's own.
    ffmpeg(['-i', file, '-c', 'copy', at('edited.mp4')]);
    copyFileSync(at('edited.mp4'), file);
    const was = readFileSync(file);
    await refuse(generate('images', video, '--out', out), 1, /did not make/, /guarded\.mp4/, /--force/);
    assert.ok(readFileSync(file).equals(was));
    await succeed(...generate('images', video, '--out', out, '--force'));
    assert.ok(isMarkedVideo(file));
    const own = readFileSync(video);
    for (const force of [[], ['--force']])
      await refuse(generate('images', video, '--out', at('clips'), ...force), 1, /one of the inputs/);
    assert.ok(readFileSync(video).equals(own));
    const twin = clip('guarded.mkv', '32x32', 3, ...lossless);
    await refuse(generate('images', video, twin, '--out', at('twins')), 1, /two inputs with the same name/);
    assert.equal(existsSync(at('twins')), false);
  });

  test('a folder of frames is replaced whole, and only where nothing else is in it', async () => {
    const out = at('framed');
    const framed = (frames: number, ...options: string[]) =>
      generate('images', clip('f.mp4', '32x32', frames, ...h264), '--out', out, '--frames', ...options);
    await succeed(...framed(5));
    await succeed(...framed(3));
    assert.deepEqual(readdirSync(out), ['f']);
    assert.deepEqual(readdirSync(join(out, 'f')).sort(), ['000001.png', '000002.png', '000003.png']);
    writePng(join(out, 'f', '000002.png'), 8, 3, noise(192));
    await refuse(framed(3), 1, /000002\.png, which pix2pixhd did not make/, /--force/);
    await succeed(...framed(3, '--force'));
    writeFileSync(join(out, 'f', 'notes.txt'), 'mine');
    for (const force of [[], ['--force']]) await refuse(framed(3, ...force), 1, /notes\.txt, which is not a frame/);
    assert.equal(readFileSync(join(out, 'f', 'notes.txt'), 'utf8'), 'mine');
    assert.deepEqual(readdirSync(out), ['f']);
  });

  test('damaged videos: one error each, nothing that looks finished, and the others are made', async () => {
    const whole = clip('whole.mp4', '64x48', 20, ...h264, '-g', '5', '-movflags', '+faststart');
    const [cut, headless, text, sound] = ['cut.mp4', 'headless.mp4', 'text.mp4', 'sound.mkv'].map(name =>
      at('clips', name),
    ) as [string, string, string, string];
    copyFileSync(whole, cut);
    truncateSync(cut, Math.floor(readFileSync(whole).length * 0.7));
    ffmpeg(['-i', whole, '-c', 'copy', headless]);
    truncateSync(headless, Math.floor(readFileSync(headless).length * 0.7));
    writeFileSync(text, 'no video');
    ffmpeg(['-f', 'lavfi', '-i', 'sine=duration=1', sound]);
    const out = at('damaged');
    const { code, stderr } = await pix2pixhd(...generate('images', cut, '--out', out));
    assert.equal(code, 1);
    assert.match(stderr, /cut\.mp4\n {2}found: {4}\d+ frames of 20: /);
    const readable = /--how-many (\d+)/.exec(stderr)![1]!;
    assert.deepEqual(readdirSync(out), []);
    await succeed(...generate('images', cut, '--out', out, '--how-many', readable));
    assert.equal(probe(join(out, 'cut.mp4')).nb_read_frames, readable);
    await refuse(generate('images', headless, '--out', out), 1, /headless\.mp4/, /moov atom not found/);
    await refuse(generate('images', text, '--out', out), 1, /text\.mp4/, /found: {4}\S/);
    await refuse(generate('images', sound, '--out', out), 1, /sound\.mkv/, /no pictures/);
    await refuse(generate('images', at('none.mp4'), '--out', out), 1, /none\.mp4/, /no such file/);
    await refuse(generate('images', headless, whole, text, '--out', out), 1, /2 of 3 could not be used/, /text\.mp4/);
    assert.deepEqual(readdirSync(out).sort(), ['cut.mp4', 'whole.mp4']);
    await refuse(generate('images', cut, '--frames', '--out', at('cut-frames')), 1, /frames of 20/);
    assert.deepEqual(readdirSync(at('cut-frames')), []);
  });

  test('where nothing can be written, one error says so', { skip: process.platform !== 'linux' }, async () => {
    const video = clip('unwritten.mp4', '32x32', 3, ...h264);
    writeFileSync(at('a-file'), '');
    for (const out of ['/proc/nowhere', at('a-file', 'below')])
      for (const how of [[], ['--frames']])
        await refuse(generate('images', video, '--out', out, ...how), 1, /writing the generated video/, /--out/);
  });

  for (const [signal, exitCode, how] of [
    ['SIGINT', 130, []],
    ['SIGTERM', 143, ['--frames']],
  ] as const)
    test(`${signal} in the middle ends with ${exitCode}, and leaves nothing`, async () => {
      const out = at(`stopped-${signal}`);
      const video = clip(`endless-${signal}.mp4`, '64x48', 3000, ...h264);
      const run = start([...generate('images', video, '--out', out, ...how), '--json']);
      let told = '';
      run.child.stdout!.on('data', (text: string) => {
        told += text;
      });
      await until(() => told.split('"event":"frame"').length > 2, run);
      assert.ok(readdirSync(out).every(name => name.endsWith('.tmp')));
      assert.equal(readdirSync(out).length, 1);
      run.child.kill(signal);
      const { code, stdout, stderr } = await run.ended;
      assert.equal(code, exitCode, stderr);
      assert.deepEqual(readdirSync(out), []);
      const { reason, images, videos } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
      assert.deepEqual([reason, images, videos], ['interrupted', 0, []]);
    });

  test('names that look like options, addresses or patterns are files', async () => {
    const names = ['-y.mp4', 'http:a.mp4', '%03d.mp4', "it's [1].mp4"];
    for (const name of names) copyFileSync(clip('plain-name.mp4', '32x32', 2, ...h264), at('clips', name));
    await succeed(...generate('images', '--out', at('names'), '--', ...names.map(name => at('clips', name))));
    assert.deepEqual(readdirSync(at('names')).sort(), names.sort());
  });
});

test('without ffmpeg one error says how to get it, whichever way it was looked for', async () => {
  const video = at('any.mp4');
  writeFileSync(video, '');
  const install = [/looking for ffmpeg/, /install it: \S+/, /--ffmpeg/];
  const options = generate('images', video, '--out', at('no-ffmpeg'));
  await refuse(
    [...options, '--ffmpeg', at('nowhere')],
    1,
    /--ffmpeg \S+nowhere\n {2}found: {4}no such file/,
    ...install,
  );
  const { FFMPEG, PATH } = process.env;
  try {
    process.env.FFMPEG = at('elsewhere', 'ffmpeg');
    await refuse(options, 1, /FFMPEG \S+ffmpeg\n/, ...install);
    delete process.env.FFMPEG;
    process.env.PATH = at('nothing');
    await refuse(options, 1, /no such program/, ...install);
  } finally {
    process.env.PATH = PATH;
    if (FFMPEG === undefined) delete process.env.FFMPEG;
    else process.env.FFMPEG = FFMPEG;
  }
  assert.equal(existsSync(at('no-ffmpeg')), false);
});

test('a video is no label map, and options that do not belong to it are refused', async () => {
  const video = at('some.mp4');
  writeFileSync(video, '');
  const image = at('images', 'train_A', '0.png');
  await refuse(
    generate('labels', video),
    1,
    /a video, and a network that takes label maps/,
    /folder of the label maps/,
  );
  await refuse(generate('images', video, image), 2, /some\.mp4, and also \S+0\.png/);
  await refuse(generate('images', video, '--style', 'mean'), 2, /--style mean/);
  await refuse(generate('images', video, '--width', '8'), 2, /--width 8, and no --live/);
  await refuse(generate('images', image, '--frames'), 2, /--frames, and no video/);
  await refuse(generate('images', image, '--smooth', '0.5'), 2, /--smooth 0\.5, and no video/);
  await refuse(generate('images', video, '--smooth', '1'), 2, /below 1/);
});
