/** Trains label maps to photographs, from `data/city`, and finds the styles of its objects. Ctrl-C saves and ends. */
import { check, encode, hasErrors, train } from 'pix2pixhd';

const dataroot = 'data/city';
const report = await check({ dataroot, labelNc: 35 });
for (const { severity, message, remedy } of report.findings) console.log(severity, message, remedy ?? '');
if (hasErrors(report)) process.exit(1);

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

// Small and short, to see it run: leave these out for a real training.
const small = {
  loadSize: 64,
  ngf: 8,
  ndf: 8,
  nef: 8,
  nDownsampleGlobal: 2,
  nBlocksGlobal: 2,
  nDownsampleE: 2,
  maxSteps: 6,
};
const options = { dataroot, name: 'city', labelNc: 35, instanceFeat: true, ...small };

for await (const event of train(options, { signal: stop.signal })) {
  if (event.type === 'step') console.log(event.step, event.losses);
  else if (event.type === 'sample') console.log('samples', event.path);
  else if (event.type === 'checkpoint') console.log('checkpoint', event.path);
  else if (event.type === 'end') console.log(event.result.reason, 'after', event.result.step, 'steps');
}
const { classes } = await encode({ name: 'city' });
console.log('styles of', classes.length, 'classes');
