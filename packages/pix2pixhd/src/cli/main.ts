#!/usr/bin/env node
/** The `pix2pixhd` program: standard streams and exit code around `dispatch.ts`. */

import { dispatch } from './dispatch.js';

// A reader that has read enough, as in `pix2pixhd train --help | head`, is not an error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    // Not at once: what a command says on ending may be lost as well, and its exit code is about to be set.
    setImmediate(() => process.exit());
  });
}

// The exit code is set rather than process.exit called, so that what was printed is written out first.
process.exitCode = await dispatch(process.argv.slice(2), { out: process.stdout, error: process.stderr });
