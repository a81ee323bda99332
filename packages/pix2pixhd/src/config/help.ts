/**
 * The help of a command and the print-out of a configuration, as text. Depends on the descriptions of commands and
 * options; prints nothing itself.
 */

import type { z } from 'zod';
import type { CommandSpec, Example } from './commands/command.js';
import { type OptionGroup, type OptionInfo, optionGroups, optionsOf } from './option.js';
import { listedOptions } from './program-options.js';

const width = 96;
const helpColumn = 32;

const headings: Record<OptionGroup, string> = {
  run: 'Run',
  input: 'Input',
  output: 'Output',
  video: 'Videos and live frames',
  data: 'Data',
  network: 'Network',
  losses: 'Losses',
  optimisation: 'Optimisation',
  validation: 'Validation and early stopping',
  'saving and showing': 'Saving and showing',
  device: 'Device and speed',
  other: 'Other',
};

/** The text of `pix2pixhd COMMAND --help`, ending in a newline; no line is longer than 96 characters. */
export function renderHelp(command: CommandSpec): string {
  const sections = [
    `Usage: pix2pixhd ${command.name} ${command.usage}`,
    command.summary,
    `Examples:\n${command.examples.map(renderExample).join('\n')}`,
    ...grouped(listedOptions(command)).map(
      ([group, options]) => `${headings[group]}:\n${options.map(renderOption).join('\n')}`,
    ),
    wrap(
      "NVIDIA's spellings are understood too (--label_nc, --loadSize, --gpu_ids). The value none removes a " +
        'limit. Every flag has an opposite, and the last one given counts: --debug, --no-debug.' +
        (command.ofTraining?.role !== 'agree'
          ? ''
          : ' What the checkpoint knows may be repeated (--label_nc, --netG, --ngf, …) and must match it; options that only training uses are ignored with a note.'),
      width,
    ).join('\n'),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** The text of `pix2pixhd --help`, ending in a newline. */
export function renderOverview(commands: readonly CommandSpec[]): string {
  const longest = Math.max(...commands.map(({ name }) => name.length));
  const rows = commands.map(({ name, summary }) => `  ${name.padEnd(longest)}  ${summary}`);
  return `${[
    'Usage: pix2pixhd COMMAND [options]',
    'High-resolution images from label maps, or from other images, with conditional GANs.',
    `Commands:\n${rows.join('\n')}`,
    [
      'pix2pixhd COMMAND --help    lists the options of a command',
      'pix2pixhd --version         prints the version',
    ].join('\n'),
  ].join('\n\n')}\n`;
}

/**
 * All options of a command with their resolved values, under the headings of `--help`; a star marks each that differs
 * from its default. For `--dry-run` and the start of a run.
 */
export function renderConfig<S extends z.ZodObject>(command: CommandSpec<S>, config: z.output<S>): string {
  const values = config as Record<string, unknown>;
  const lasting = optionsOf(command.schema).filter(({ transient }) => !transient);
  const sections = grouped(lasting).map(([group, options]) => {
    const rows = options.map(option => {
      const value = values[option.key];
      const mark = option.fallback !== undefined && value !== option.fallback ? '*' : ' ';
      return ` ${mark}${option.flag.padEnd(24)}${valueText(option, value)}`;
    });
    return `${headings[group]}\n${rows.join('\n')}`;
  });
  return `${sections.join('\n')}\n(* differs from the default)\n`;
}

function grouped(options: readonly OptionInfo[]): [OptionGroup, OptionInfo[]][] {
  return optionGroups
    .map((group): [OptionGroup, OptionInfo[]] => [group, options.filter(option => option.group === group)])
    .filter(([, members]) => members.length > 0);
}

function renderExample({ explains, command }: Example): string {
  return `  # ${explains}\n  ${command}`;
}

function renderOption(option: OptionInfo): string {
  const names = `  --${option.flag}${option.kind === 'flag' ? '' : ` ${option.value ?? placeholder(option)}`}`;
  const lines = wrap(`${option.help} ${remark(option)}`.trim(), width - helpColumn);
  const indent = ' '.repeat(helpColumn);
  const first = names.length < helpColumn ? [names.padEnd(helpColumn) + lines[0]] : [names, indent + lines[0]];
  return [...first, ...lines.slice(1).map(line => indent + line)].join('\n');
}

function placeholder(option: OptionInfo): string {
  return option.kind === 'choice' ? 'CHOICE' : 'VALUE';
}

function remark(option: OptionInfo): string {
  if (option.fallback === undefined) return '(required)';
  if (option.kind === 'flag') return '';
  if (option.kind === 'list') return '(may be given several times)';
  if (option.fallback === null && option.whenNull === undefined) return '';
  const choices = option.kind === 'choice' ? `one of ${option.choices.join(', ')}; ` : '';
  return `(${choices}default: ${valueText(option, option.fallback)})`;
}

function valueText(option: OptionInfo, value: unknown): string {
  if (value === null) return option.whenNull ?? 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (option.kind === 'list') return (value as readonly string[]).join(' ') || (option.whenNull ?? 'none');
  return String(value);
}

/** Breaks text at spaces; a word longer than a line stands alone. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
