import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { Interrupt } from '../../src/training/interrupt.js';

const moduleUrl = JSON.stringify(new URL('../../src/training/interrupt.js', import.meta.url).href);

/** Starts a loop that asks between steps; `onRequest` is what it does when asked to stop. */
function startLoop(onRequest: string) {
  const program = `
    import { setTimeout as sleep } from 'node:timers/promises';
    const { Interrupt } = await import(${moduleUrl});
    const interrupt = new Interrupt(() => console.log('saving'));
    console.log('running');
    for (;;) {
      await sleep(5);
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

test('disposing gives the signals back', () => {
  const before = process.listenerCount('SIGINT');
  const interrupt = new Interrupt();
  assert.equal(process.listenerCount('SIGINT'), before + 1);
  assert.deepEqual([interrupt.requested, interrupt.exitCode], [false, 0]);
  interrupt.dispose();
  assert.equal(process.listenerCount('SIGINT'), before);
});
