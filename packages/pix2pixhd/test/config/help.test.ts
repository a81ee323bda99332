import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkCommand } from '../../src/config/commands/check.js';
import type { CommandSpec } from '../../src/config/commands/command.js';
import { demoCommand } from '../../src/config/commands/demo.js';
import { encodeCommand } from '../../src/config/commands/encode.js';
import { exportCommand } from '../../src/config/commands/export.js';
import { generateCommand } from '../../src/config/commands/generate.js';
import { importCommand } from '../../src/config/commands/import.js';
import { trainCommand } from '../../src/config/commands/train.js';
import { trainSegmenterCommand } from '../../src/config/commands/train-segmenter.js';
import { renderConfig, renderHelp, renderOverview } from '../../src/config/help.js';
import { optionsOf } from '../../src/config/option.js';
import { parseCommand } from '../support/parse-command.js';

const commands: readonly CommandSpec[] = [
  trainCommand,
  generateCommand,
  checkCommand,
  demoCommand,
  trainSegmenterCommand,
];

test('help has usage, two examples that parse, and every option, in lines of at most 96 characters', () => {
  for (const command of commands) {
    const help = renderHelp(command);
    assert(help.includes(`Usage: pix2pixhd ${command.name} `));
    assert(command.examples.length >= 2);
    for (const { command: line } of command.examples) {
      assert(help.includes(line));
      const [program, name, ...argv] = line.split(' ');
      assert.deepEqual([program, name], ['pix2pixhd', command.name]);
      if (!argv.includes('--resume')) assert.doesNotThrow(() => parseCommand(command, argv));
    }
    for (const { flag } of optionsOf(command.schema)) assert.match(help, new RegExp(`^  --${flag}( |$)`, 'm'));
    for (const line of help.split('\n')) assert(line.length <= 96, line);
  }
});

test('the usage line shows what may stand without option', () => {
  const usage = (command: CommandSpec) => /^Usage: .*$/m.exec(renderHelp(command))![0];
  for (const command of [trainCommand, checkCommand, importCommand, exportCommand, encodeCommand])
    assert.match(usage(command), /^Usage: pix2pixhd \w+ \[?FOLDER\]? /);
  assert.match(usage(generateCommand), /PATH …/);
  assert.match(renderHelp(generateCommand).replace(/\s+/g, ' '), /may be repeated \(--label_nc/);
  assert.doesNotMatch(renderHelp(checkCommand), /may be repeated/);
});

test('help tells default, choices and what must be given', () => {
  const help = renderHelp(trainCommand).replace(/\s+/g, ' ');
  assert.match(help, /--label-nc N Number of label classes[^-]*.*?\(default: 35\)/);
  assert.match(help, /--netG CHOICE .*?\(one of global, local, unet; default: global\)/);
  assert.match(help, /--dataroot FOLDER .*?\(required\)/);
  assert.match(help, /--max-steps N .*?\(default: no limit\)/);
});

test('the overview lists every command with its purpose', () => {
  const overview = renderOverview(commands);
  for (const { name, summary } of commands) assert.match(overview, new RegExp(`^  ${name} +${summary}$`, 'm'));
});

test('a configuration is printed with a star at what differs from its default, without the options of one invocation', () => {
  const config = parseCommand(trainCommand, '--dataroot d --name n --ngf 16 --no-flip --dry-run'.split(' '));
  const lines = renderConfig(trainCommand, config).split('\n');
  const starred = lines.filter(line => line.startsWith(' *')).map(line => line.slice(2).split(/ +/));
  assert.deepEqual(starred, [
    ['no-flip', 'yes'],
    ['ngf', '16'],
  ]);
  assert(lines.some(line => /^ {2}niter +100$/.test(line)));
  assert(!lines.some(line => line.includes('dry-run')));
});
