/**
 * Calibrations as OpenCV and ROS write them, and undistortion against the formula, and against OpenCV itself where
 * Debian's python3-opencv is installed.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { UserError } from '../../../src/errors.js';
import {
  type Calibration,
  distortionMap,
  parseCalibration,
  readCalibration,
  resample,
  scaling,
  undistort,
  warp,
  warpAndDistort,
} from '../../../src/prepare/alignment/index.js';
import type { Image8 } from '../../../src/raster.js';
import { random } from './scene.js';

const folder = mkdtempSync(join(tmpdir(), 'pix2pixhd-calibration-'));
after(() => rmSync(folder, { recursive: true }));

const expected: Calibration = {
  width: 96,
  height: 64,
  ...{ fx: 80.5, fy: 81.25, cx: 47.2, cy: 30.9 },
  distortion: [-0.31, 0.12, 0.001, -0.0007, -0.02, 0, 0, 0],
};

const opencvYaml = `%YAML:1.0
---
calibration_time: "Tue 03 Feb 2026 10:11:12"
image_width: 96
image_height: 64
flags: 0
camera_matrix: !!opencv-matrix
   rows: 3
   cols: 3
   dt: d
   data: [ 8.05e+01, 0., 47.2, 0., 81.25,
       30.9, 0., 0., 1. ]
distortion_coefficients: !!opencv-matrix
   rows: 5
   cols: 1
   dt: d
   data: [ -0.31, 0.12, 1.0e-03, -7.0e-04, -0.02 ]
`;
const ros = `image_width: 96
image_height: 64
camera_name: left
camera_matrix: { rows: 3, cols: 3, data: [80.5, 0, 47.2, 0, 81.25, 30.9, 0, 0, 1] }
distortion_model: plumb_bob
distortion_coefficients: { rows: 1, cols: 5, data: [-0.31, 0.12, 0.001, -0.0007, -0.02] }
`;
const opencvXml = `<?xml version="1.0"?>
<opencv_storage>
<calibration_Time>"Tue 03 Feb 2026 10:11:12"</calibration_Time>
<image_Width>96</image_Width>
<image_Height>64</image_Height>
<Camera_Matrix type_id="opencv-matrix">
  <rows>3</rows>
  <cols>3</cols>
  <dt>d</dt>
  <data>
    8.05e+01 0. 47.2 0. 81.25 30.9 0. 0. 1.</data></Camera_Matrix>
<Distortion_Coefficients type_id="opencv-matrix">
  <rows>5</rows>
  <cols>1</cols>
  <dt>d</dt>
  <data>
    -0.31 0.12 1.0e-03 -7.0e-04 -0.02</data></Distortion_Coefficients>
</opencv_storage>
`;

test('YAML of OpenCV and of ROS, and XML, say the same', () => {
  for (const text of [opencvYaml, ros, opencvXml]) assert.deepEqual(parseCalibration(text, 'camera'), expected);
});

test('what cannot be used is one clear error that names the file and the field', () => {
  const bad: readonly [string, RegExp][] = [
    [opencvYaml.replace('image_height: 64', ''), /image_height: not there/],
    [opencvYaml.replace('image_width: 96', 'image_width: wide'), /image_width: wide/],
    [ros.replace('plumb_bob', 'equidistant'), /distortion_model: "equidistant"/],
    [ros.replace('[-0.31, 0.12, 0.001, -0.0007, -0.02]', '[1, 2, 3]'), /distortion_coefficients: 3 numbers/],
    [
      ros.replace('[-0.31, 0.12, 0.001, -0.0007, -0.02]', `[${Array(12).fill(0.1)}]`),
      /distortion_coefficients: 12 numbers/,
    ],
    [ros.replace('-0.31', '.nan'), /distortion_coefficients: something that is not a list of finite numbers/],
    [ros.replace('[80.5, 0,', '[80.5,'), /camera_matrix: 8 numbers/],
    [ros.replace('[80.5, 0,', '[-80.5, 0,'), /camera_matrix: -80.5/],
    ['<opencv_storage><a></opencv_storage>', /the whole file/],
    ['<html></html>', /no element opencv_storage/],
    ['just words', /the whole file/],
    ['', /the whole file/],
    ['a: [1, 2', /the whole file/],
  ];
  for (const [text, message] of bad) {
    assert.throws(
      () => parseCalibration(text, 'cameras/left.yml'),
      (error: unknown) => {
        assert.ok(error instanceof UserError, String(error));
        assert.equal(error.code, 'FILE_UNREADABLE');
        assert.equal(error.parts.where, 'cameras/left.yml');
        assert.match(error.parts.found, message);
        return true;
      },
    );
  }
  assert.throws(() => readCalibration(join(folder, 'none.yml')), { code: 'FILE_NOT_FOUND' });
  // Twelve coefficients of which the last four are 0 are eight.
  assert.equal(parseCalibration(ros.replace('-0.02]', `-0.02, ${Array(7).fill(0)}]`), 'a').distortion.length, 8);
});

test('without distortion nothing changes; an image of another size is refused', () => {
  const next = random(3);
  const image: Image8 = {
    width: 96,
    height: 64,
    channels: 3,
    data: Uint8Array.from({ length: 96 * 64 * 3 }, () => 255 * next()),
  };
  const none = { ...expected, distortion: Array<number>(8).fill(0) };
  assert.deepEqual(undistort(image, none).raster, image);
  const other = { ...image, width: 64, height: 96 };
  assert.throws(() => undistort(other, none, {}, 'left/1.png'), /left\/1\.png[\s\S]*64×96[\s\S]*96×64/);
  const t = scaling(0.9);
  assert.deepEqual(resample(image, warpAndDistort(t, none), image), warp(image, t, image));
});

test('the map is the formula of the radial model on the axis', () => {
  const map = distortionMap({ ...expected, distortion: [0.2, 0.05, 0, 0, 0.01, 0.1, 0.02, 0.003] });
  const out = new Float64Array(2);
  const x = 0.4;
  map(expected.cx + 0.5 + x * expected.fx, expected.cy + 0.5, out);
  const factor =
    (1 + 0.2 * x ** 2 + 0.05 * x ** 4 + 0.01 * x ** 6) / (1 + 0.1 * x ** 2 + 0.02 * x ** 4 + 0.003 * x ** 6);
  assert.ok(Math.abs(out[0]! - (expected.cx + 0.5 + x * factor * expected.fx)) < 1e-9);
  assert.ok(Math.abs(out[1]! - (expected.cy + 0.5)) < 1e-9);
});

const python = ['python3', '/usr/bin/python3'].find(one => spawnSync(one, ['-c', 'import cv2']).status === 0);

test('OpenCV: files, maps and images', { skip: python === undefined && 'python3-opencv is not installed' }, () => {
  const next = random(4);
  const waves = Uint8Array.from(
    { length: 96 * 64 },
    (_, i) => 128 + 60 * Math.sin((i % 96) / 5) + 50 * Math.cos(i / 96 / 4) + 4 * next(),
  );
  writeFileSync(join(folder, 'image.raw'), waves);
  const models = [
    [-0.31, 0.12, 0.001, -0.0007],
    [-0.31, 0.12, 0.001, -0.0007, -0.02],
    [0.3, -0.1, 0.002, 0.001, 0.02, 0.25, -0.05, 0.01],
  ];
  const script = `
import cv2, json, numpy as np, sys
folder, models = sys.argv[1], json.loads(sys.argv[2])
image = np.fromfile(folder + '/image.raw', np.uint8).reshape(64, 96)
matrix = np.array([[80.5, 0, 47.2], [0, 81.25, 30.9], [0, 0, 1]])
for k, model in enumerate(models):
    d = np.array(model)
    for kind in ('yml', 'xml'):
        f = cv2.FileStorage(f'{folder}/{k}.{kind}', cv2.FILE_STORAGE_WRITE)
        f.write('image_width', 96); f.write('image_height', 64)
        f.write('camera_matrix', matrix); f.write('distortion_coefficients', d)
        f.release()
    x, y = cv2.initUndistortRectifyMap(matrix, d, None, matrix, (96, 64), cv2.CV_32FC1)
    np.stack([x, y], 2).astype('<f4').tofile(f'{folder}/{k}.map')
    cv2.undistort(image, matrix, d).tofile(f'{folder}/{k}.out')
`;
  const { status, stderr } = spawnSync(python!, ['-c', script, folder, JSON.stringify(models)], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  models.forEach((model, k) => {
    const calibration = readCalibration(join(folder, `${k}.yml`));
    assert.deepEqual(readCalibration(join(folder, `${k}.xml`)), calibration);
    assert.deepEqual(calibration.distortion, [...model, ...Array<number>(8 - model.length).fill(0)]);
    const bytes = readFileSync(join(folder, `${k}.map`));
    const theirs = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const map = distortionMap(calibration);
    const out = new Float64Array(2);
    for (let i = 0; i < 96 * 64; i++) {
      map((i % 96) + 0.5, Math.floor(i / 96) + 0.5, out);
      assert.ok(Math.hypot(out[0]! - 0.5 - theirs[2 * i]!, out[1]! - 0.5 - theirs[2 * i + 1]!) < 2e-5);
    }
    const image: Image8 = { width: 96, height: 64, channels: 1, data: waves };
    const { raster, valid } = undistort(image, calibration, { interpolation: 'linear' });
    const pixels = readFileSync(join(folder, `${k}.out`));
    // OpenCV rounds positions to 1/32 of a pixel, and fades to black over the pixel beyond the border.
    let compared = 0;
    raster.data.forEach((value, i) => {
      const [x, y] = [theirs[2 * i]!, theirs[2 * i + 1]!];
      if (valid[i] === 0 || x < 0 || y < 0 || x > 95 || y > 63) return;
      compared++;
      assert.ok(Math.abs(value - pixels[i]!) <= 2, `${value}, OpenCV ${pixels[i]}`);
    });
    assert.ok(compared > 4000, `${compared} pixels`);
  });
});
