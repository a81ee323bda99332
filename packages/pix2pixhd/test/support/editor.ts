/**
 * The editor's server, as a process or in this one, and a run of two steps for it. Depends on the command line and its support, and the
 * program's doors.
 */
import { dispatch } from '../../src/cli/dispatch.js';
import { encode, train } from '../../src/index.js';
import { type Started, start, until } from './cli.js';

/** A server that listens. */
export interface Serving extends Started {
  readonly address: URL;
  /** What it has printed so far. */
  readonly printed: () => string;
}

/** Starts `pix2pixhd edit` on a free port, or on the one that the options name. */
export async function serveEditor(...options: readonly string[]): Promise<Serving> {
  const started = start(['edit', '--port', '0', ...options]);
  let printed = '';
  started.child.stdout!.on('data', text => {
    printed += text;
  });
  await until(() => printed.includes('Ctrl-C'), started);
  return { ...started, address: new URL(/http:\S+/.exec(printed)![0]), printed: () => printed };
}

/** A server that listens in this process. */
export interface ServingHere {
  readonly address: URL;
  /** Ends every server of this process, as a terminal that is closed does. */
  readonly close: () => Promise<void>;
}

/** The same inside this process, which is quicker: for what is served, not for how a process ends. */
export async function serveEditorHere(...options: readonly string[]): Promise<ServingHere> {
  let printed = '';
  let onText: () => void = () => {};
  const stream = {
    write(text: string) {
      printed += text;
      onText();
    },
  };
  const ended = dispatch(['edit', '--port', '0', ...options], { out: stream, error: stream });
  await new Promise<void>((resolve, reject) => {
    onText = () => printed.includes('Ctrl-C') && resolve();
    void ended.then(code => reject(new Error(`the server ended with ${code}:\n${printed}`)));
  });
  const close = async () => {
    process.emit('SIGHUP');
    await ended;
  };
  return { address: new URL(/http:\S+/.exec(printed)![0]), close };
}

/** Options of a server whose images are the same everywhere. */
export const plainCompute = ['--device', 'cpu', '--precision', 'fp32', '--threads', '1'];

/** Options of a training that is over at once. */
export const tinyTraining = {
  ...{ loadSize: 64, ngf: 4, ndf: 4, nef: 4, nDownsampleGlobal: 2, nBlocksGlobal: 1, nDownsampleE: 2 },
  ...({ precision: 'fp32', device: 'cpu', workers: 1, maxSteps: 2 } as const),
};

/** Trains the run `styled` on a data set of five classes, and finds two styles of each. */
export async function trainStyled(dataroot: string, checkpointsDir: string): Promise<void> {
  const run = { dataroot, checkpointsDir, name: 'styled' };
  await train({ ...tinyTraining, ...run, labelNc: 5, instanceFeat: true });
  await encode({ name: 'styled', checkpointsDir, nClusters: 2 });
}
