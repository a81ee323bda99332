/**
 * What `pix2pixhd generate` does to files when it translates videos: other files are kept, damaged videos named, and nothing that
 * is not finished has the name of a result.
 */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isMarkedVideo } from '../../src/video/own-video.js';
import { noise, writePng } from '../data/images.js';
import { pix2pixhd, refuse, start, succeed, until } from '../support/cli.js';
import { smallDisk } from '../support/small-disk.js';
import { ffmpeg, probe, withoutFfmpeg } from '../support/video.js';
import { at, clip, generate, h264, lossless } from './world.js';

describe('results', { skip: withoutFfmpeg }, () => {
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
    const video = clip('f.mp4', '32x32', 5, ...h264);
    const framed = (frames: 3 | 5, ...options: string[]) =>
      generate('images', '--out', out, '--frames', '--how-many', String(frames), ...options, '--', video);
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

  let endless: string | undefined;
  for (const [signal, exitCode, how] of [
    ['SIGINT', 130, []],
    ['SIGTERM', 143, ['--frames']],
  ] as const)
    test(`${signal} in the middle ends with ${exitCode}, and leaves nothing`, async () => {
      const out = at(`stopped-${signal}`);
      endless ??= clip('endless.mp4', '64x48', 3000, '-c:v', 'mpeg4');
      const run = start([...generate('images', endless, '--out', out, ...how), '--json']);
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

  test('a disk that is full ends with an error, and nothing is left', async t => {
    const disk = smallDisk(t, 32 * 1024);
    if (disk === undefined) return;
    const video = clip('full.mkv', '64x48', 30, '-vf', 'noise=alls=100:allf=t', ...lossless);
    for (const how of [['--video-codec', 'lossless'], ['--frames']])
      await refuse(
        generate('images', video, '--out', disk.folder, ...how),
        1,
        /writing the generated video/,
        /[Nn]o space/,
      );
    assert.deepEqual(readdirSync(disk.folder), []);
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
