/** LPIPS as a metric, on AlexNet and on VGG16. Depends on lpips.ts and the weights' files. */
import type { NetworkMetric } from '../metric.js';
import { ChannelWeights, Lpips } from './lpips.js';
import { openPublished } from './open-published.js';
import { alexNet, TappedNetwork, type TappedSpec, vgg16 } from './tapped-layers.js';

function lpipsOn(
  name: string,
  title: string,
  spec: TappedSpec,
  [backbone, channelWeights]: readonly ['alexnet' | 'vgg16', 'lpips-alex' | 'lpips-vgg'],
): NetworkMetric {
  return {
    kind: 'network',
    name,
    title,
    unit: '',
    better: 'lower',
    decimals: 4,
    version: 1,
    protocol: `Zhang et al. 2018, version 0.1, on torchvision's ${spec.title} at the images' own size, float32. The package lpips: LPIPS(net='${spec === alexNet ? 'alex' : 'vgg'}')`,
    channels: 'colour',
    leastSide: spec.leastSide,
    weights: [backbone, channelWeights],
    open(files, device) {
      const ofFeatures = (key: string) => key.startsWith('features.');
      const network = openPublished(() => new TappedNetwork(spec), backbone, files, ofFeatures);
      const weights = openPublished(() => new ChannelWeights(spec.channels), channelWeights, files);
      return new Lpips(network, weights, { device, dtype: 'float32' });
    },
  };
}

/** LPIPS on AlexNet, which its authors recommend for judging. */
export const lpipsMetric = lpipsOn('lpips', 'LPIPS', alexNet, ['alexnet', 'lpips-alex']);

/** LPIPS on VGG16. */
export const lpipsVggMetric = lpipsOn('lpips-vgg', 'LPIPS (VGG)', vgg16, ['vgg16', 'lpips-vgg']);
