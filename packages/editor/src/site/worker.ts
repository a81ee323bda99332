/**
 * The worker that renders what a person draws: a session as a server has it, with a generator on ONNX Runtime. The page's first message
 * says what to load; all others are frames of the protocol.
 */
import { type LoadProgress, loadGenerator } from '@pix2pixhd/web';
import type { FromWorker } from '../engine/connection.js';
import { describeModel } from '../session/describe-model.js';
import { RenderQueue } from '../session/render-queue.js';
import { type Beginnings, type Line, Session, type Studio } from '../session/session.js';
import { ServedDrawings } from './served-drawings.js';
import { type Site, siteSchema } from './site-file.js';
import { drawnValues, told, WebPainter } from './web-painter.js';

/** What to open: a site by the address of its `site.json`, or a model that a person has chosen, with its encoder. */
export type ToOpen = { readonly site: string } | { readonly model: File; readonly encoder: File | undefined };

/** Longest side of a drawing. */
const longestSide = 2048;

/** Side of a blank drawing for a model of which nobody says at what size it was trained. */
const usualSide = 256;

const noDrawings: Beginnings = {
  names: [],
  read: () => Promise.reject(new RangeError('there are no drawings to begin with')),
};

function tell(message: FromWorker): void {
  postMessage(message);
}

async function open(what: ToOpen): Promise<Studio> {
  const site = 'site' in what ? await readSite(what.site) : undefined;
  const { model, encoder } = 'site' in what ? addressesOf(site!, what.site) : what;
  const generator = await loadGenerator(model, {
    encoder,
    ...(site && { digest: site.model.sha256, encoderDigest: site.encoder?.sha256 }),
    device: 'wasm',
    worker: false,
    // The service worker keeps it.
    cache: false,
    onProgress: progress => tell({ type: 'progress', share: shareOf(progress, site) }),
  });
  const { info } = generator;
  const inputs = site?.inputs ?? drawnValues(info);
  const size = site?.size ?? { width: usualSide, height: usualSide };
  const classes = info.classes?.map(each => ({ countable: info.needsInstances, ...each })) ?? null;
  const name = site?.name ?? ('model' in what ? what.model.name : info.name);
  return {
    painter: new WebPainter(generator),
    model: describeModel(name, info, size, classes, inputs),
    gallery: 'site' in what ? new ServedDrawings(site!.gallery, what.site) : noDrawings,
    inputs,
    queue: new RenderQueue(report),
    limits: { side: longestSide, pixels: longestSide ** 2 },
    readOnly: false,
    count: () => {},
    admits: () => true,
    explain: told,
    report,
  };
}

function addressesOf({ model, encoder }: Site, base: string): { model: string; encoder: string | undefined } {
  const at = ({ file }: { readonly file: string }) => new URL(file, base).href;
  return { model: at(model), encoder: encoder === null ? undefined : at(encoder) };
}

async function readSite(address: string): Promise<Site> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`);
  return siteSchema.parse(await response.json());
}

/** Servers that compress do not say how much there is: the site does. */
function shareOf({ file, loaded, total }: LoadProgress, site: Site | undefined): number {
  const [model, encoder] = [site?.model.bytes ?? total ?? 0, site?.encoder?.bytes ?? 0];
  const before = file === 'encoder' ? model : 0;
  return model + encoder === 0 ? 0 : Math.min(1, (before + loaded) / (model + encoder));
}

function report(error: unknown): void {
  console.error(error);
}

let session: Session | undefined;

addEventListener('message', async ({ data }: MessageEvent<ToOpen | Uint8Array>) => {
  if (data instanceof Uint8Array) {
    session?.receive(data);
    return;
  }
  const line: Line = {
    send: frame => postMessage(frame, { transfer: [frame.buffer as ArrayBuffer] }),
    close: (_, reason) => tell({ type: 'closed', reason }),
  };
  try {
    session = new Session(await open(data), line);
    tell({ type: 'opened' });
  } catch (error) {
    report(error);
    const { message, remedy } = told(error);
    tell({ type: 'closed', reason: remedy === undefined ? message : `${message}; ${remedy}` });
  }
});
