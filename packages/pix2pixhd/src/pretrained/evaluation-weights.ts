/** The weights of the networks by which `evaluate` judges. Depends on published-file.ts. */
import type { PublishedFile } from './published-file.js';

/** The names by which metrics ask for weights and `--weights NAME=FILE` gives them. */
export type WeightsName = 'alexnet' | 'vgg16' | 'lpips-alex' | 'lpips-vgg' | 'inception';

const without = 'leave the metric out of --metrics';

const file = (name: WeightsName, facts: Omit<PublishedFile, 'option' | 'without'>): PublishedFile => ({
  ...facts,
  option: `--weights ${name}=FILE`,
  without,
});

const lpipsUrl = 'https://raw.githubusercontent.com/richzhang/PerceptualSimilarity/master/lpips/weights/v0.1';

/** All files, by name. torchvision's and pytorch-fid's names contain the first eight digits of their SHA-256. */
export const evaluationWeights: Readonly<Record<WeightsName, PublishedFile>> = {
  alexnet: file('alexnet', {
    title: 'AlexNet',
    fileName: 'alexnet-owt-7be5be79.pth',
    url: 'https://download.pytorch.org/models/alexnet-owt-7be5be79.pth',
    sha256: '7be5be79',
  }),
  vgg16: file('vgg16', {
    title: 'VGG16',
    fileName: 'vgg16-397923af.pth',
    url: 'https://download.pytorch.org/models/vgg16-397923af.pth',
    sha256: '397923af',
  }),
  'lpips-alex': file('lpips-alex', {
    title: 'LPIPS on AlexNet',
    fileName: 'lpips-v0.1-alex.pth',
    url: `${lpipsUrl}/alex.pth`,
    sha256: 'df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0',
  }),
  'lpips-vgg': file('lpips-vgg', {
    title: 'LPIPS on VGG16',
    fileName: 'lpips-v0.1-vgg.pth',
    url: `${lpipsUrl}/vgg.pth`,
    sha256: 'a78928a0af1e5f0fcb1f3b9e8f8c3a2a5a3de244d830ad5c1feddc79b8432868',
  }),
  inception: file('inception', {
    title: 'the Inception of FID',
    fileName: 'pt_inception-2015-12-05-6726825d.pth',
    url: 'https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth',
    sha256: '6726825d',
  }),
};
