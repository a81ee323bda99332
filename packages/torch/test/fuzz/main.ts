/**
 * `npm run fuzz:ops`: 20,000 random calls of all operators. `--calls N`, `--seed FIRST`; a crash is shown with its seed, and
 * `--seed SEED --calls 1` makes it again. Ends with 1 where there was one.
 */
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.js';

const { values } = parseArgs({
  options: { calls: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } },
});
let shown = 0;
const found = await fuzz(Number(values.seed), Number(values.calls), 500, ({ calls, crashes }) => {
  for (const { seed, how, call } of crashes.slice(shown)) console.log(`seed ${seed}: ${how}\n${call}\n`);
  shown = crashes.length;
  if (calls % 2000 === 0) console.log(`${calls} calls, ${crashes.length} crashes`);
});
console.log(
  `${found.calls} calls of ${found.operators} operators and the addon's functions: ${found.values} values, ${found.errors} errors ` +
    `(${found.asserted.length} of them internal assertions of libtorch), ${found.crashes.length} crashes`,
);
if (found.asserted.length > 0) console.log(`asserted: ${found.asserted.slice(0, 20).join(' ')}`);
process.exitCode = found.crashes.length > 0 ? 1 : 0;
