import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { describeError } from '../../src/cli/describe-error.js';
import { dispatch } from '../../src/cli/dispatch.js';
import { commandTable } from '../../src/cli/table.js';
import { option } from '../../src/config/option.js';
import { UsageError, UserError } from '../../src/errors.js';

const spec = {
  name: 'paint',
  summary: 'Paint a fence.',
  usage: '[options]',
  examples: [],
  schema: z.strictObject({ coats: option(z.int().default(2), { group: 'run', help: 'Coats of paint.' }) }),
};

/** Runs the command line against a table of one command that does `work`. */
async function dispatched(argv: string[], work: (argv: readonly string[]) => Promise<number> = async () => 0) {
  let out = '';
  let error = '';
  const code = await dispatch(
    argv,
    {
      out: {
        write: text => {
          out += text;
        },
      },
      error: {
        write: text => {
          error += text;
        },
      },
    },
    [{ spec, load: async () => ({ run: work }) }],
  );
  return { code, out, error };
}

const userError = new UserError({ code: 'FILE_UNREADABLE', doing: 'painting', found: 'no brush', remedy: 'bring one' });

test('a command gets the arguments after its name, and its exit code is passed on', async () => {
  const seen: unknown[] = [];
  const { code, out, error } = await dispatched(['paint', '--coats', '3'], async argv => {
    seen.push(argv);
    return 1;
  });
  assert.deepEqual([seen, code, out, error], [[['--coats', '3']], 1, '', '']);
});

test('help is printed without running the command', async () => {
  for (const argv of [
    ['paint', '--help'],
    ['paint', '--coats', '3', '-h'],
    ['help', 'paint'],
  ]) {
    const { code, out } = await dispatched(argv, () => assert.fail('ran'));
    assert.equal(code, 0);
    assert.match(out, /Usage: pix2pixhd paint \[options\][\s\S]*--coats/);
  }
});

test('the overview is the answer to --help and help, and an error where nothing is asked', async () => {
  for (const argv of [['--help'], ['-h'], ['help']]) {
    const { code, out } = await dispatched(argv);
    assert.equal(code, 0);
    assert.match(out, /paint {2}Paint a fence\./);
  }
  const { code, out, error } = await dispatched([]);
  assert.deepEqual([code, out], [2, '']);
  assert.match(error, /paint {2}Paint a fence\./);
});

test('--version prints the version of the package', async () => {
  const description = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  assert.deepEqual(await dispatched(['--version']), { code: 0, out: `${description.version}\n`, error: '' });
});

test('an unknown command is refused with the nearest', async () => {
  const { code, error } = await dispatched(['piant']);
  assert.equal(code, 2);
  assert.match(error, /no command piant[\s\S]*did you mean pix2pixhd paint\?/);
  assert.match((await dispatched(['--coats', 'paint'])).error, /--coats where the command should be/);
});

test("a user's error is its message alone, with its exit code", async () => {
  const failing = (error: Error) => dispatched(['paint'], () => Promise.reject(error));
  assert.deepEqual(await failing(userError), { code: 1, out: '', error: `${userError.message}\n` });
  const usage = new UsageError({ code: 'FILE_UNREADABLE', doing: 'reading', found: 'x', remedy: 'y' });
  assert.equal((await failing(usage)).code, 2);
});

test('any other error is one line and the way to its stack', async () => {
  const { code, error } = await dispatched(['paint'], () => Promise.reject(new TypeError('fence is undefined')));
  assert.equal(code, 1);
  assert.equal(error, 'TypeError: fence is undefined\n  (run again with --debug for the stack)\n');
});

test('--debug prints the stacks of an error and its causes, wherever it stands', async () => {
  const failing = () => Promise.reject(new Error('no paint', { cause: new Error('shop closed') }));
  for (const argv of [
    ['paint', '--debug'],
    ['--debug', 'paint'],
  ]) {
    const { error } = await dispatched(argv, failing);
    assert.match(error, /Error: no paint\n\s+at [\s\S]*caused by: Error: shop closed\n\s+at /);
  }
  assert.match(describeError('thrown text', true), /thrown text/);
});

test('the commands of the table load', async () => {
  for (const { load } of commandTable) assert.equal(typeof (await load()).run, 'function');
});

test('a reader that stops reading ends the program quietly', { skip: process.platform === 'win32' }, () => {
  const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
  const { status, stderr } = spawnSync('sh', ['-c', '"$0" "$1" check --help | true', process.execPath, main], {
    encoding: 'utf8',
  });
  assert.deepEqual([status, stderr], [0, '']);
});
