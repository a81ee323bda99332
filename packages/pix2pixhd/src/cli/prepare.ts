/** `pix2pixhd prepare`: makes a data set of raw material. */
import { join, resolve } from 'node:path';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import { resolveConfig } from '../config/argv.js';
import { prepareCommand } from '../config/commands/prepare.js';
import { decide } from '../prepare/decide.js';
import { DoesNotTell } from '../prepare/does-not-tell.js';
import { findMaterial } from '../prepare/material.js';
import { twinsOf } from '../prepare/near-duplicates.js';
import { factsOf } from '../prepare/options.js';
import { finish, type WrittenPair, writePairs } from '../prepare/prepare.js';
import type { Material } from '../prepare/raw-pair.js';
import { renderPreparedPage } from '../prepare/report-page.js';
import type { SplitUnit } from '../prepare/split.js';
import { tidy, unpack } from '../prepare/unpack.js';
import { printable } from '../printable.js';
import { shellWord } from '../shell-word.js';
import { Interrupt } from './interrupt.js';
import { readOptions } from './options.js';
import { StatusLine } from './status-line.js';
import type { Terminal } from './terminal.js';

const SHOWN = 5;
const REPORT_FILE = 'report.html';

const unitsInWords: Readonly<Record<SplitUnit, string>> = {
  phase: 'as the material is split',
  group: 'by groups that stay together',
  block: 'by blocks of frames that follow each other',
  pair: 'pair by pair',
};

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { given } = readOptions(prepareCommand, argv, terminal);
  const options = resolveConfig(prepareCommand, given);
  const frames = `${resolve(options.out)}.frames`;
  const line = new StatusLine(terminal.out);
  const unpacked = await unpack(options, frames, {
    onNotice: terminal.notice,
    onTaken: (file, count) => line.show(`${printable(file)}: ${count}`),
  });
  line.clear();
  const found = await findMaterial({ ...options, ...unpacked.options });
  const { material } = found;
  terminal.say(`${material.what}: ${counted(material.pairs.length, 'pair')}`);
  tellLeftOut(material, terminal);
  const { plan, unit, classes, told } = await decide(options, found, unpacked.made, terminal.say);
  for (const sentence of told) terminal.say(sentence);
  const stop = new AbortController();
  using interrupt = new Interrupt(() => stop.abort());
  const silent: Material['leftOut'][number][] = [];
  const written = await writePairs(plan, {
    signal: stop.signal,
    onPair: (done, total) => {
      line.show(`${done}/${total}`);
      terminal.event('pair', { done, total });
    },
    onFailure: (pair, error) => {
      if (!(error instanceof DoesNotTell)) throw error;
      silent.push({ file: pair.stem, why: error.parts.found });
    },
  });
  line.clear();
  if (written.pairs.length === 0 && silent.length > 0) throw DoesNotTell.of(silent[0]!.file, silent[0]!.why);
  if (silent.length > 0)
    terminal.notice(`${silent.length} pairs are left out: their images do not tell how they lie over each other`);
  if (interrupt.requested) {
    terminal.error.write(
      `Interrupted; ${written.pairs.length} of ${plan.pairs.length} pairs are done. The same command goes on.\n`,
    );
    return interrupt.exitCode;
  }
  terminal.say('looking at the values and for near duplicates');
  const facts = await factsOf(options.out, written.pairs, classes?.length, options);
  const twins = await twinsOf(options.out, written.pairs, (done, total) => line.show(`${done}/${total}`));
  line.clear();
  const counts = countsOf(written.pairs);
  const record = {
    pairs: counts,
    leftOut: [...material.leftOut, ...silent],
    nearDuplicates: twins,
    values: facts.values,
  };
  finish(plan, facts.options, record, classes);
  const train = `pix2pixhd train --dataroot ${shellWord(options.out)} --name NAME`;
  const notes = written.pairs.every(({ phase }) => phase === 'train') ? [] : notesOf(unit, twins);
  const html = await renderPreparedPage(
    {
      title: `Prepared: ${options.out}`,
      figures: [
        ['material', material.what],
        ...Object.entries(counts).map(([phase, count]) => [phase, counted(count, 'pair')] as const),
        ['split', unitsInWords[unit]],
        ['left out', counted(material.leftOut.length + silent.length, 'file')],
      ],
      notes: [...told, ...notes],
      command: train,
      overlays: options.align !== 'none',
    },
    options.out,
    plan.pairs,
    written.pairs,
  );
  writeFileAtomic(join(options.out, REPORT_FILE), html);
  tidy(frames);
  const result = {
    out: options.out,
    pairs: counts,
    options: facts.options,
    nearDuplicates: twins,
    linked: written.linked,
  };
  const inWords = Object.entries(counts).map(([phase, count]) => `${count} ${phase}`);
  const all = written.pairs.length;
  terminal.result(
    result,
    [
      `${options.out}: ${inWords.join(' and ')} ${all === 1 ? 'pair' : 'pairs'}, split ${unitsInWords[unit]}; ${written.linked} files are second names of the originals`,
      ...(written.before > 0 ? [`${written.before} pairs were there already`] : []),
      ...notes,
      `Look at ${join(options.out, REPORT_FILE)}`,
      `Train with: ${train}`,
      '',
    ].join('\n'),
  );
  return 0;
}

function tellLeftOut({ leftOut }: Material, { notice }: Terminal): void {
  if (leftOut.length === 0) return;
  const shown = leftOut.slice(0, SHOWN).map(({ file, why }) => `${printable(file)} ${why}`);
  notice(`${counted(leftOut.length, 'file')} left out: ${shown.join('; ')}${leftOut.length > SHOWN ? '; …' : ''}`);
}

function countsOf(pairs: readonly WrittenPair[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { phase } of pairs) counts[phase] = (counts[phase] ?? 0) + 1;
  return counts;
}

function notesOf(unit: SplitUnit, twins: readonly (readonly [string, string])[]): readonly string[] {
  const [first] = twins;
  if (first === undefined) return ['No held-out target looks like one of training.'];
  const remedy =
    unit === 'group' || unit === 'phase' ? '' : '; --split group, or a longer --block, keeps them together';
  return [
    `${counted(twins.length, 'held-out target')} ${twins.length === 1 ? 'looks' : 'look'} like one of training, such as ${first[0]} and ${first[1]}${remedy}.`,
  ];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
