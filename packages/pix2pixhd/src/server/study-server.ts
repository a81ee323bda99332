/**
 * The server of human studies: the page, what a rater may see, and the answers. It says nothing of methods, of what a trial is for, or
 * of other raters. Depends on the study module, the page's protocol, and the files beside it.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { STATUS_CODES } from 'node:http';
import { join } from 'node:path';
import { answerSchema, paths, type Sitting, type Trial } from '@pix2pixhd/study/protocol';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { UserError } from '../errors.js';
import { imageAddress } from '../study/addresses.js';
import { IMAGES_FOLDER } from '../study/experiment.js';
import { type OpenExperiment, OutOfTurn } from '../study/open-experiment.js';
import { sameOrigin } from './access.js';
import { type Listening, listen, openApp, type RunningServer } from './app.js';
import type { PageFile } from './page-files.js';

/** Whose link it is. */
interface Seat {
  readonly open: OpenExperiment;
  readonly rater: number;
}

/** Connections at a time. A browser has up to six. */
const mostConnections = 1000;

/**
 * Serves experiments until it is closed; their logs are the caller's to close.
 *
 * @param report receives what goes wrong, such as answers that cannot be written.
 * @throws Error of Node where it cannot listen there.
 */
export async function startStudyServer(
  experiments: readonly OpenExperiment[],
  page: ReadonlyMap<string, PageFile>,
  options: Listening,
  report: (error: unknown) => void,
): Promise<RunningServer> {
  const app = openApp(page, options);
  app.server.maxConnections = mostConnections;
  const seats = seatsOf(experiments);
  const images = imagesOf(experiments);
  const forRater =
    (handle: (seat: Seat, reply: FastifyReply, body: unknown) => unknown) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      const { origin, host, authorization } = request.headers;
      if (!sameOrigin(origin, host)) return reply.code(403).send('another origin\n');
      const [, token] = /^Bearer ([\w-]{16,64})$/.exec(authorization ?? '') ?? [];
      const seat = token === undefined ? undefined : seats.get(fingerprint(token));
      if (seat === undefined) return reply.code(401).send('no such rater\n');
      reply.header('cache-control', 'no-store');
      return handle(seat, reply, request.body);
    };
  app.get(paths.sitting, forRater(sittingOf));
  app.post(
    paths.consent,
    forRater(async ({ open, rater }) => {
      await open.consent(rater, new Date().toISOString().slice(0, 10));
      return { answered: open.answered(rater) };
    }),
  );
  app.post(
    paths.answer,
    forRater(async ({ open, rater }, reply, body) => {
      const answer = answerSchema.safeParse(body);
      if (!answer.success) return reply.code(400).send('no answer\n');
      try {
        return { answered: await open.answer(rater, answer.data) };
      } catch (error) {
        if (!(error instanceof OutOfTurn)) throw error;
        return reply.code(409).send({ answered: open.answered(rater) });
      }
    }),
  );
  app.get(`${paths.images}:address`, async (request, reply) => {
    const file = images.get((request.params as { address: string }).address);
    if (file === undefined) return reply.code(404).type('text/plain').send('no such image\n');
    return reply
      .type('image/png')
      .header('cache-control', 'private, max-age=3600')
      .send(await readFile(file));
  });
  // What went wrong is for whoever runs the server; the page asks again.
  app.setErrorHandler<FastifyError>((error, _, reply) => {
    const status = error instanceof UserError ? 503 : (error.statusCode ?? 500);
    if (status >= 500) report(error);
    return reply.code(status).type('text/plain').send(`${STATUS_CODES[status]}\n`);
  });
  const address = await listen(app, options);
  return { address, close: () => app.close() };
}

/** By a fingerprint of the token: how long it takes to look one up says nothing about the tokens that there are. */
function seatsOf(experiments: readonly OpenExperiment[]): ReadonlyMap<string, Seat> {
  const seats = experiments.flatMap(open =>
    open.experiment.raters.map(({ token }, rater) => [fingerprint(token), { open, rater }] as const),
  );
  return new Map(seats);
}

function fingerprint(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

/** Every address of every rater's images, and the file behind it. No request names a file. */
function imagesOf(experiments: readonly OpenExperiment[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { experiment, folder } of experiments)
    for (const [rater, { trials }] of experiment.raters.entries())
      for (const [number, trial] of trials.entries())
        for (const place of ['a', 'b', 'label'] as const) {
          const image = trial[place];
          if (image === undefined) continue;
          const { file } = experiment.images[image]!;
          files.set(imageAddress(experiment, rater, number, place), join(folder, IMAGES_FOLDER, file));
        }
  return files;
}

function sittingOf({ open, rater }: Seat): Sitting {
  const { experiment } = open;
  const { title, question, consent, images } = experiment;
  const { trials } = experiment.raters[rater]!;
  const shown = trials.map(({ a, label, exposureMs }, number): Trial => {
    const address = (place: 'a' | 'b' | 'label') => `${paths.images}${imageAddress(experiment, rater, number, place)}`;
    const { width, height } = images[a]!;
    return {
      ...{ a: address('a'), b: address('b'), width, height },
      ...(label !== undefined && { label: address('label') }),
      ...(exposureMs !== undefined && { exposureMs }),
    };
  });
  return {
    ...{ title, question, consent, trials: shown },
    consented: open.consented(rater),
    practice: trials.filter(({ role }) => role === 'practice').length,
    answered: open.answered(rater),
  };
}
