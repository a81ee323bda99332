import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Interrupt } from '../../src/cli/interrupt.js';

const moduleUrl = JSON.stringify(new URL('../../src/cli/interrupt.js', import.meta.url).href);

/** Starts a loop that asks between steps; `onRequest` is what it does when asked to stop. */
function startLoop(onRequest: string, eachTime = '') {
  const program = `
    import { setTimeout as sleep } from 'node:timers/promises';
    const { Interrupt } = await import(${moduleUrl});
    const interrupt = new Interrupt(() => console.log('saving'));
    console.log('running');
    for (;;) {
      await sleep(5);
      ${eachTime}
      if (interrupt.requested) { ${onRequest} }
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const prints = async (text: string): Promise<void> => {
    while (!printed.includes(text)) await once(child.stdout, 'data');
  };
  return { child, prints };
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`the first ${signal} lets the loop save and leave, and says with which exit code`, {
    timeout: 20_000,
  }, async () => {
    const { child, prints } = startLoop('interrupt.dispose(); process.exitCode = interrupt.exitCode; break;');
    await prints('running');
    const exit = once(child, 'exit');
    child.kill(signal);
    await prints('saving');
    assert.deepEqual(await exit, [signal === 'SIGINT' ? 130 : 143, null]);
  });
}

for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  test(`the second ${signal} exits at once with ${exitCode}`, { timeout: 20_000 }, async () => {
    const { child, prints } = startLoop('');
    await prints('running');
    const exit = once(child, 'exit');
    child.kill(signal);
    await prints('saving');
    child.kill(signal);
    assert.deepEqual(await exit, [exitCode, null]);
  });

test('hang-ups, however many, let the loop save: a shell and the system send one each', {
  timeout: 20_000,
}, async () => {
  const { child, prints } = startLoop('await sleep(300); process.exitCode = 7; break;');
  await prints('running');
  const exit = once(child, 'exit');
  child.kill('SIGHUP');
  await prints('saving');
  child.kill('SIGHUP');
  assert.deepEqual(await exit, [7, null]);
});

test('output that nobody reads any more lets the loop save, and goes on to be harmless', {
  timeout: 20_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'interrupt-'));
  const saved = join(folder, 'saved');
  const save = `(await import('node:fs')).writeFileSync(${JSON.stringify(saved)}, ''); process.exitCode = 7; break;`;
  const { child, prints } = startLoop(save, `process.stdout.write('line\\n'); process.stderr.write('');`);
  await prints('running');
  const exit = once(child, 'exit');
  child.stdout.destroy();
  assert.deepEqual(await exit, [7, null]);
  assert.ok(existsSync(saved));
  rmSync(folder, { recursive: true });
});

test('the first signal aborts, after it was announced', () => {
  const said: string[] = [];
  using interrupt = new Interrupt(() => said.push('announced'));
  interrupt.signal.addEventListener('abort', () => said.push(`aborted, exit code ${interrupt.exitCode}`));
  process.emit('SIGHUP');
  process.emit('SIGHUP');
  assert.deepEqual(said, ['announced', 'aborted, exit code 129']);
  assert.ok(interrupt.signal.aborted);
});

test('disposing gives the signals back', () => {
  const before = process.listenerCount('SIGINT');
  const onError = () => {};
  process.stdout.on('error', onError);
  const listeners = process.stdout.listeners('error');
  const interrupt = new Interrupt();
  assert.equal(process.listenerCount('SIGINT'), before + 1);
  assert.deepEqual([interrupt.requested, interrupt.exitCode], [false, 0]);
  assert.ok(!process.stdout.listeners('error').includes(onError));
  interrupt.dispose();
  interrupt.dispose();
  assert.equal(process.listenerCount('SIGINT'), before);
  assert.deepEqual(process.stdout.listeners('error'), listeners);
  process.stdout.off('error', onError);
});
