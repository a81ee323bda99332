/** `pix2pixhd study create`: makes an experiment and prints its links. */
import { randomBytes, randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveConfig } from '../config/argv.js';
import { type StudyCreateConfig, studyCreateCommand } from '../config/commands/study.js';
import { namedValues } from '../config/named-values.js';
import { UsageError, UserError } from '../errors.js';
import { type FolderOf, imagesIn } from '../judge/result-files.js';
import { printable } from '../printable.js';
import { shellWord } from '../shell-word.js';
import { conditionsOf, type Decisions, design, setAside } from '../study/design.js';
import { REAL } from '../study/experiment.js';
import { type Matched, matchStems, type Sources, sizesOf } from '../study/match.js';
import { expectNew, type Material, writeExperiment } from '../study/write-experiment.js';
import { Interrupt } from './interrupt.js';
import { readOptions } from './options.js';
import { StatusLine } from './status-line.js';
import type { Terminal } from './terminal.js';

/** What raters agree to where no other text is given. It says what is stored, and nothing else is. */
const usualConsent = `You will be shown pairs of pictures and asked which one looks more realistic. Some of the pictures were made by a computer.

Taking part is voluntary. You may stop at any time by closing the page.

Stored are your choices, how long you looked, how long you took to answer, and the day on which you agreed, under a number. Your name, your address and your device are not stored.`;

/** Names of left-out images that are printed. */
const SHOWN = 3;

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const options = resolveConfig(studyCreateCommand, readOptions(studyCreateCommand, argv, terminal).given);
  const name = options.name ?? options.kind;
  const decisions = decide(options, name);
  expectNew(options.out, name);
  const material = findMaterial(options, terminal);
  const { stems, leftOut } = matchStems(sourcesOf(material));
  for (const one of leftOut) terminal.notice(`note: ${leftOutLine(one)}`);
  const scenes = checkAmount(options, decisions, stems);
  const { labels: _, ...compared } = material;
  const sizes = await sizesOf(stems, sourcesOf({ ...compared, labels: null }));
  const experiment = design(sizes, decisions);
  const line = new StatusLine(terminal.out);
  using interrupt = new Interrupt();
  const onImage = (done: number, total: number) => line.show(`image ${done} of ${total}`);
  try {
    await writeExperiment(options.out, experiment, material, { onImage, signal: interrupt.signal });
  } catch (error) {
    line.clear();
    if (!interrupt.requested) throw error;
    terminal.error.write('Interrupted; nothing was made.\n');
    return interrupt.exitCode;
  }
  line.clear();
  const links = experiment.raters.map(({ token }) => `${new URL(options.address).href}#${token}`);
  const folder = join(options.out, name);
  const each = experiment.raters[0]!.trials.length;
  terminal.result(
    { folder, scenes, images: experiment.images.length, raters: links.length, trialsEach: each, links },
    [
      `${folder}: ${scenes} scenes, ${links.length} raters with ${each} pairs each (${options.practice} for practice, ${options.checks} attention checks)`,
      'One link for each rater:',
      ...links.map(link => `  ${link}`),
      `Serve it with: pix2pixhd study serve ${shellWord(options.out)}`,
      '',
    ].join('\n'),
  );
  return 0;
}

function leftOutLine({ source, stems }: Matched['leftOut'][number]): string {
  const shown = stems.slice(0, SHOWN).map(printable).join(', ');
  const count = stems.length === 1 ? '1 image' : `${stems.length} images`;
  return `${count} of ${source} left out, since another folder has none of the name: ${shown}${stems.length > SHOWN ? ', …' : ''}`;
}

function decide(options: StudyCreateConfig, name: string): Decisions {
  const { kind, results, real, labels } = options;
  const methods = namedValues(results).map(one => one.name);
  const twice = methods.find((method, i) => methods.indexOf(method) !== i);
  if (twice !== undefined) throw refusal('--results', `two methods called ${twice}`, 'one name for each method');
  if (kind === 'pairwise' && methods.length < 2)
    throw refusal('--results', 'one method', 'at least two, which are compared with each other');
  if (kind === 'limited-time' && real === null)
    throw refusal(
      '--real',
      'no real images',
      'a folder of them: with --kind limited-time each result is compared with the real image',
    );
  if (kind === 'limited-time' && methods.includes(REAL))
    throw refusal(
      '--results',
      `a method called ${REAL}`,
      `another name: the images of --real are called ${REAL} in the results`,
    );
  if (kind === 'limited-time' && labels !== null)
    throw refusal('--labels', 'label maps, for which there is no time', 'none with --kind limited-time');
  return {
    ...{ name, kind, methods, real: real !== null, labels: labels !== null },
    ...{ title: options.title, question: options.question, consent: consentOf(options.consent) },
    ...{ trials: options.trials, practice: options.practice, checks: options.checks },
    exposures: kind === 'limited-time' ? exposuresOf(options.exposures) : [],
    seed: options.seed ?? randomInt(2 ** 47),
    secret: randomBytes(32).toString('base64url'),
    tokens: Array.from({ length: options.raters }, () => randomBytes(16).toString('base64url')),
    fileName: () => randomBytes(9).toString('base64url'),
  };
}

/** Milliseconds, from short to long. */
function exposuresOf(text: string): number[] {
  const seconds = text.split(',').map(Number);
  const odd = seconds.find((value, i) => !(value > 0 && value <= 60) || seconds.indexOf(value) !== i);
  if (odd !== undefined)
    throw refusal('--exposures', text, 'different numbers of seconds separated by commas, each above 0 and at most 60');
  return seconds.map(value => value * 1000).sort((a, b) => a - b);
}

function consentOf(file: string | null): string {
  if (file === null) return usualConsent;
  const text = existsSync(file) ? readFileSync(file, 'utf8').replace(/\r\n?/g, '\n').trim() : '';
  if (text !== '') return text;
  throw new UserError({
    code: 'FILE_NOT_FOUND',
    doing: 'reading the text that raters agree to',
    where: file,
    found: existsSync(file) ? 'an empty file' : 'no such file',
    expected: 'a text file, with empty lines between its paragraphs',
    remedy: 'check the path after --consent, or leave it out for a text that says what is stored',
  });
}

function findMaterial({ results, real, labels }: StudyCreateConfig, terminal: Terminal): Material {
  const files = (folder: string, of: FolderOf, option: string) =>
    imagesIn(folder, { of, option, outputs: [] }, terminal.notice).files;
  return {
    methods: new Map(
      namedValues(results).map(({ name, value }) => [name, files(value, 'results', '--results')] as const),
    ),
    real: real === null ? null : files(real, 'real', '--real'),
    labels: labels === null ? null : files(labels, 'input', '--labels'),
  };
}

function sourcesOf({ methods, real, labels }: Material): Sources {
  const further = Object.entries({ 'the real images': real, 'the label maps': labels });
  return new Map([...methods, ...further.flatMap(([name, files]) => (files === null ? [] : [[name, files] as const]))]);
}

/** @returns the scenes that count. */
function checkAmount(options: StudyCreateConfig, decisions: Decisions, stems: readonly string[]): number {
  const { main } = setAside(stems, decisions);
  const most = main.length * conditionsOf(decisions).length;
  if (options.trials <= most) return main.length;
  throw new UsageError({
    code: 'OPTION_CONFLICT',
    doing: 'planning the trials',
    where: '--trials',
    found: `${options.trials} for each rater, of ${main.length} scenes`,
    expected: `at most ${most}: after that a rater would judge the same pair again`,
    remedy: 'give fewer --trials, or folders with more images',
  });
}

function refusal(where: string, found: string, expected: string): UsageError {
  return new UsageError({
    code: 'BAD_OPTION',
    doing: 'planning an experiment',
    where,
    found,
    expected,
    remedy: 'correct the option; pix2pixhd study create --help explains all of them',
  });
}
