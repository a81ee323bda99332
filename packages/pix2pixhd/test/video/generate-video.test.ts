/**
 * `pix2pixhd generate` of videos: every frame is the image that generate makes of it, and size, number and rate are the input's.
 * Skipped without ffmpeg, which the set-up does not install.
 */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import sharp from 'sharp';
import { isMarked } from '../../src/output/own-files.js';
import { pix2pixhd, succeed } from '../support/cli.js';
import { ffmpeg, probe, rawFrames, withoutFfmpeg } from '../support/video.js';
import { at, clip, generate, h264, lossless } from './world.js';

/** The raw pixels of what generate makes of each clip's frames as images, one after the other. */
async function asImages(
  name: string,
  clips: ReadonlyArray<readonly [video: string, format: string]>,
): Promise<Buffer[]> {
  const out = `${clips[0]![0]}.out`;
  const folders = clips.map(([video, format]) => {
    const stem = basename(video).replace(/\..*/, '');
    const folder = `${video}.frames`;
    mkdirSync(folder);
    ffmpeg(['-i', video, '-fps_mode', 'passthrough', '-pix_fmt', format, join(folder, `${stem}-%03d.png`)]);
    return { stem, folder };
  });
  await succeed(...generate(name, ...folders.map(({ folder }) => folder), '--out', out));
  const files = readdirSync(out).sort();
  return Promise.all(
    folders.map(({ stem }) =>
      pixelsOf(
        out,
        files.filter(file => file.startsWith(`${stem}-`)),
      ),
    ),
  );
}

async function pixelsOf(folder: string, files: readonly string[]): Promise<Buffer> {
  const read = async (file: string) => {
    const { channels } = await sharp(file).metadata();
    const colours = channels === 1 ? 'b-w' : 'srgb';
    return sharp(file).toColourspace(colours).raw().toBuffer();
  };
  return Buffer.concat(await Promise.all(files.map(file => read(join(folder, file)))));
}

describe('videos', { skip: withoutFfmpeg }, () => {
  test('number, size and rate are kept, and frame k is what its image becomes, whatever the format', async () => {
    const cases = [
      ['lossless-odd.mkv', '53x37', 7, lossless],
      ['even.mp4', '64x48', 9, h264],
      ['odd.mov', '37x53', 5, ['-c:v', 'libx264', '-pix_fmt', 'yuv444p']],
      ['motion-jpeg.avi', '48x32', 3, ['-c:v', 'mjpeg', '-q:v', '3']],
      ['vp8.webm', '48x32', 3, ['-c:v', 'libvpx']],
    ] as const;
    const videos = cases.map(([file, size, frames, encoding]) => clip(file, size, frames, ...encoding));
    await succeed(...generate('images', ...videos, '--out', at('formats'), '--video-codec', 'lossless'));
    assert.equal(readdirSync(at('formats')).length, cases.length);
    const expected = await asImages(
      'images',
      videos.map(video => [video, 'rgb24'] as const),
    );
    for (const [i, [file, size, frames]] of cases.entries()) {
      const result = at('formats', file.replace(/\..*/, '.mkv'));
      const { width, height, avg_frame_rate, nb_read_frames } = probe(result);
      assert.deepEqual([`${width}x${height}`, avg_frame_rate, nb_read_frames], [size, '30000/1001', String(frames)]);
      assert.equal(expected[i]!.length, Number(width) * Number(height) * 3 * frames);
      assert.ok(rawFrames(result, 'rgb24').equals(expected[i]!), file);
    }
  });

  test('--frames writes the same pixels as numbered PNG files', async () => {
    const video = clip('numbered.mp4', '37x29', 4, '-c:v', 'mpeg4');
    await succeed(...generate('images', video, '--out', at('numbered'), '--frames'));
    const folder = at('numbered', 'numbered');
    assert.deepEqual(
      readdirSync(folder).sort(),
      [1, 2, 3, 4].map(number => `00000${number}.png`),
    );
    const [expected] = await asImages('images', [[video, 'rgb24']]);
    assert.ok((await pixelsOf(folder, readdirSync(folder).sort())).equals(expected!));
    assert.ok(isMarked(join(folder, '000001.png')));
  });

  test('one input channel: the brightness of colours, grey as it is, all 16 bits; grey results', async () => {
    const deep = Buffer.from(Uint16Array.from({ length: 4 * 40 * 24 }, (_, i) => Math.imul(i, 40503) >>> 3).buffer);
    const raw = ['-f', 'rawvideo', '-pixel_format', 'gray16le', '-video_size', '40x24', '-framerate', '8', '-i', '-'];
    mkdirSync(at('clips'), { recursive: true });
    ffmpeg([...raw, '-c:v', 'ffv1', '-pix_fmt', 'gray16le', at('clips', 'deep.mkv')], deep);
    assert.ok(rawFrames(at('clips', 'deep.mkv'), 'gray16le').equals(deep));
    const [sixteen, grey, colour] = [
      at('clips', 'deep.mkv'),
      clip('grey.mkv', '40x24', 4, '-c:v', 'ffv1', '-pix_fmt', 'gray'),
      clip('colour.mp4', '40x24', 4, ...h264),
    ];
    const out = at('of-grey');
    const options = ['--out', out, '--video-codec', 'lossless'];
    const { code, stderr } = await pix2pixhd(...generate('grey', sixteen, grey, colour, ...options));
    assert.equal(code, 0, stderr);
    assert.deepEqual(stderr.match(/^note: .*brightness.*$/gm), [
      `note: ${colour}: of its colours the brightness is used`,
    ]);
    const expected = await asImages('grey', [
      [sixteen, 'gray16be'],
      [grey, 'gray'],
      [colour, 'gray'],
    ]);
    for (const [i, stem] of ['deep', 'grey', 'colour'].entries()) {
      const result = join(out, `${stem}.mkv`);
      assert.equal(probe(result).pix_fmt, 'gray');
      assert.equal(expected[i]!.length, 4 * 40 * 24);
      assert.ok(rawFrames(result, 'gray').equals(expected[i]!), stem);
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
    const [images] = await asImages('images', [[video, 'rgb24']]);
    const expected = ffmpeg([...raw, ...blocks], images);
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

  test('names that look like options, addresses or patterns are files', async () => {
    const names = ['-y.mp4', 'http:a.mp4', '%03d.mp4', "it's [1].mp4"];
    const plain = clip('plain-name.mp4', '32x32', 2, ...h264);
    for (const name of names) copyFileSync(plain, at('clips', name));
    await succeed(...generate('images', '--out', at('names'), '--', ...names.map(name => at('clips', name))));
    assert.deepEqual(readdirSync(at('names')).sort(), names.sort());
  });
});
