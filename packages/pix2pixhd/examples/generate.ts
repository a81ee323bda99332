/** Generates photographs of label maps with the run that train.ts has made: of one, in two styles, and of a whole folder. */
import { readdir } from 'node:fs/promises';
import { loadGenerator } from 'pix2pixhd';

await using generator = await loadGenerator('checkpoints/city', { worker: true });
console.log(generator.info);

const image = await generator.generate('label.png', { instances: 'inst.png', style: { seed: 3 } });
await image.save('photo.png');
const other = await generator.generate('label.png', { instances: 'inst.png', style: { seed: 4 } });
await other.toSharp().resize(128).toFile('other.jpg');

const names = (await readdir('data/city/test_label')).sort();
const scenes = names.map(name => ({
  input: `data/city/test_label/${name}`,
  instances: `data/city/test_inst/${name}`,
}));
let done = 0;
for await (const result of generator.generateMany(scenes)) await result.save(`results/${names[done++]}`);
console.log(done, 'images in results');
