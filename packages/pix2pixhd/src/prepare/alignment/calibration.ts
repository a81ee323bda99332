/**
 * A camera's calibration as OpenCV and ROS write it, in YAML or XML. Depends on errors.ts, node:fs, yaml and the reader of XML.
 *
 * Names as OpenCV's calibration sample has them: `camera_matrix`, `distortion_coefficients`, `image_width`, `image_height`; capitals do
 * not matter. ROS has `distortion_model` beside them.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { reasonOf, UserError } from '../../errors.js';
import { type Element, parseXml } from '../polygons/xml.js';

/** How a lens bends rays: OpenCV's model of 4, 5 or 8 coefficients. */
export interface Calibration {
  /** Of the images that it was made with, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Focal lengths and principal point in pixels, which OpenCV counts from the centre of the first pixel. */
  readonly fx: number;
  readonly fy: number;
  readonly cx: number;
  readonly cy: number;
  /** k1, k2, p1, p2, k3, k4, k5, k6; those that the file does not have are 0. */
  readonly distortion: readonly number[];
}

const LENGTHS = [4, 5, 8];

/**
 * Read a calibration.
 * @throws UserError where the file is not there, is no YAML or XML, lacks a value, or has a model that is not of this family.
 */
export function readCalibration(file: string): Calibration {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UserError(
      {
        code: missing ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE',
        doing: DOING,
        where: file,
        found: missing ? 'no such file' : reasonOf(cause),
        remedy: 'give the file that the calibration was written to',
      },
      { cause },
    );
  }
  return parseCalibration(text, file);
}

/** The calibration that a text has. @param file what errors call it. */
export function parseCalibration(text: string, file: string): Calibration {
  const values = fieldsOf(text, file);
  const model = values.get('distortion_model');
  if (model !== undefined && !['plumb_bob', 'rational_polynomial'].includes(String(model))) {
    throw unsuitable(file, 'distortion_model', `"${model}"`, 'plumb_bob or rational_polynomial');
  }
  const matrix = numbers(values, 'camera_matrix', file);
  if (matrix.length !== 9) {
    throw unsuitable(file, 'camera_matrix', `${matrix.length} numbers`, '9 numbers, a matrix of 3×3');
  }
  const [fx, skew, cx, zero, fy, cy] = matrix as [number, number, number, number, number, number];
  const isProjection = skew === 0 && zero === 0 && matrix[6] === 0 && matrix[7] === 0 && matrix[8] === 1;
  if (!(fx > 0 && fy > 0 && isProjection)) {
    throw unsuitable(file, 'camera_matrix', matrix.join(' '), 'fx 0 cx 0 fy cy 0 0 1 with positive fx and fy');
  }
  return {
    width: side(values, 'image_width', file),
    height: side(values, 'image_height', file),
    ...{ fx, fy, cx, cy },
    distortion: coefficients(values, file),
  };
}

const DOING = 'reading a camera calibration';

function unsuitable(file: string, field: string, found: string, expected: string): UserError {
  return new UserError({
    code: 'FILE_UNREADABLE',
    doing: DOING,
    where: file,
    found: `${field}: ${found}`,
    expected,
    remedy: "calibrate with OpenCV's usual model (no fisheye, no tilt) and give the file that it writes",
  });
}

function numbers(values: ReadonlyMap<string, unknown>, field: string, file: string): readonly number[] {
  const value = values.get(field);
  if (value === undefined) throw unsuitable(file, field, 'not there', 'a matrix of that name');
  const isMatrix = typeof value === 'object' && value !== null && 'data' in value;
  const list = (isMatrix ? (value.data as unknown) : value) as unknown;
  const flat = Array.isArray(list) ? (list.flat() as unknown[]) : [];
  if (flat.length === 0 || !flat.every(one => typeof one === 'number' && Number.isFinite(one))) {
    throw unsuitable(file, field, 'something that is not a list of finite numbers', 'a matrix');
  }
  return flat as number[];
}

function coefficients(values: ReadonlyMap<string, unknown>, file: string): readonly number[] {
  const given = numbers(values, 'distortion_coefficients', file);
  const longer = given.slice(8).some(one => one !== 0);
  if (longer || (given.length <= 8 && !LENGTHS.includes(given.length))) {
    const expected = '4, 5 or 8 numbers: k1 k2 p1 p2 k3 k4 k5 k6';
    throw unsuitable(file, 'distortion_coefficients', `${given.length} numbers`, expected);
  }
  return Array.from({ length: 8 }, (_, k) => given[k] ?? 0);
}

function side(values: ReadonlyMap<string, unknown>, field: string, file: string): number {
  const value = values.get(field);
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
  throw unsuitable(file, field, value === undefined ? 'not there' : String(value), 'a positive whole number of pixels');
}

/** The fields of the file, by name in small letters. */
function fieldsOf(text: string, file: string): ReadonlyMap<string, unknown> {
  let fields: Record<string, unknown>;
  try {
    fields = text.trimStart().startsWith('<') ? fieldsOfXml(text, file) : fieldsOfYaml(text);
  } catch (cause) {
    throw unsuitable(file, 'the whole file', reasonOf(cause), 'YAML or XML as OpenCV writes it');
  }
  return new Map(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));
}

function fieldsOfYaml(text: string): Record<string, unknown> {
  // OpenCV's first line is "%YAML:1.0", which no other reader takes; its tags say nothing that the fields do not.
  const plain = text.replace(/^%YAML.*$/m, '').replace(/!!opencv-[\w-]+/g, '');
  const value: unknown = parse(plain, { logLevel: 'error' });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('no fields');
  return value as Record<string, unknown>;
}

function fieldsOfXml(text: string, file: string): Record<string, unknown> {
  const root = parseXml({ path: file, what: 'a camera calibration' }, text);
  if (root.name !== 'opencv_storage') throw new Error('no element opencv_storage');
  return Object.fromEntries(root.children.map(element => [element.name, contentOf(element)]));
}

function contentOf(element: Element): unknown {
  const data = element.children.find(({ name }) => name === 'data');
  if (data !== undefined) return { data: wordsOf(data).map(Number) };
  const words = wordsOf(element);
  return words.length === 1 && words[0] !== '' && Number.isFinite(Number(words[0]))
    ? Number(words[0])
    : element.text.trim();
}

function wordsOf({ text }: Element): readonly string[] {
  return text.trim().split(/\s+/);
}
