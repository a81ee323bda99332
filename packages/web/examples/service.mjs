/**
 * A network as an HTTP service, without libtorch: POST a label map (PNG) to /generate?seed=3, and a photo comes back.
 *
 *   npm install @pix2pixhd/web onnxruntime-node
 *   node service.mjs generator.onnx 8080
 *   curl --data-binary @label.png 'http://localhost:8080/generate?seed=3' > photo.png
 */
import { createServer } from 'node:http';
import { loadGenerator, UserError } from '@pix2pixhd/web';

const [model = 'generator.onnx', port = '8080'] = process.argv.slice(2);
const largest = 16 << 20;
const generator = await loadGenerator(model);

async function bodyOf(request) {
  const parts = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > largest) throw new RangeError('more than 16 MiB');
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

async function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  if (request.method !== 'POST' || pathname !== '/generate') return response.writeHead(404).end();
  const label = await bodyOf(request);
  const { needsInstances, styles } = generator.info;
  const image = await generator.generate({
    label,
    // Every class one object, where the network asks for objects.
    ...(needsInstances && { instances: label }),
    ...(styles && { style: { seed: Number(searchParams.get('seed') ?? 0) } }),
  });
  return response.writeHead(200, { 'content-type': 'image/png' }).end(await image.toPng());
}

const server = createServer((request, response) => {
  answer(request, response).catch(error => {
    const known = error instanceof UserError || error instanceof RangeError;
    response
      .writeHead(known ? 400 : 500, { 'content-type': 'text/plain' })
      .end(`${known ? error.message : 'failed'}\n`);
  });
});
server.listen(Number(port), '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
