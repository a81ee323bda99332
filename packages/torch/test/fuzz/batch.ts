/**
 * A process that makes a number of random calls, so that a crash ends it alone: `node batch.js FIRST COUNT PROGRESS`. The
 * seed under way stands in the file PROGRESS; with COUNT 1 the call is printed before it is made. Prints the outcomes.
 */
import { openSync, writeSync } from 'node:fs';
import { setFlushDenormal, setThreads } from '../../src/index.js';
import { type Outcome, randomCall } from './call.js';
import { exposedOperators } from './schemas.js';

const [first, count] = process.argv.slice(2, 4).map(Number) as [number, number];
const progress = openSync(process.argv[4]!, 'w');
setThreads(2);
setFlushDenormal(true);
const operators = exposedOperators();
const outcomes: Record<Outcome, number> = { value: 0, error: 0, assertion: 0 };
const asserted: number[] = [];
for (let seed = first; seed < first + count; seed++) {
  writeSync(progress, String(seed).padStart(12), 0);
  const outcome = randomCall(operators, seed, count === 1 ? text => console.log(text) : undefined);
  outcomes[outcome]++;
  if (outcome === 'assertion') asserted.push(seed);
}
console.log(JSON.stringify({ operators: operators.length, outcomes, asserted }));
