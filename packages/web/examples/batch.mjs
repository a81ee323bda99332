/**
 * Renders a folder of label maps, without libtorch: files that are there already are left out, so that a job that was interrupted goes on.
 *
 *   npm install @pix2pixhd/web onnxruntime-node
 *   node batch.mjs generator.onnx data/test_label photos data/test_inst
 */
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { loadGenerator, UserError } from '@pix2pixhd/web';

const [model, labels, out, instances] = process.argv.slice(2);
if (out === undefined) {
  console.error('usage: node batch.mjs MODEL LABELS OUT [INSTANCES]');
  process.exit(2);
}
mkdirSync(out, { recursive: true });
const generator = await loadGenerator(model);
const names = readdirSync(labels).filter(name => name.endsWith('.png'));
const missing = names.filter(name => !existsSync(join(out, name)));
console.log(`${names.length} label maps, ${names.length - missing.length} done before`);
let failed = 0;
for (const [i, name] of missing.entries()) {
  const began = performance.now();
  try {
    const image = await generator.generate({
      label: join(labels, name),
      ...(instances !== undefined && { instances: join(instances, name) }),
    });
    // Beside it first: a file under its name is a whole one.
    await image.save(join(out, `.${name}`));
    renameSync(join(out, `.${name}`), join(out, name));
    console.log(`${i + 1}/${missing.length} ${name} ${((performance.now() - began) / 1000).toFixed(2)} s`);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    failed++;
    console.error(`${name}: ${error.message}`);
  }
}
await generator.dispose();
process.exitCode = failed > 0 ? 1 : 0;
