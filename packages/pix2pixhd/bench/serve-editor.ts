/** Starts `pix2pixhd edit` for measurements. Depends on the command line. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));

/** Starts a server on a free port. @returns it, once it listens. @param options of the command, by their names. */
export async function serveEditor(
  options: Readonly<Record<string, string | boolean | undefined>>,
): Promise<{ readonly server: ChildProcess; readonly address: string }> {
  const known = ['name', 'checkpoints-dir', 'max-side'].filter(name => typeof options[name] === 'string');
  const args = [program, 'edit', '--port', '0', ...known.flatMap(name => [`--${name}`, String(options[name])])];
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  server.stdout.on('data', text => {
    printed += text;
  });
  while (!/http:\S+/.test(printed)) {
    if (server.exitCode !== null) throw new Error('the server ended');
    await once(server.stdout, 'data');
  }
  return { server, address: /http:\S+/.exec(printed)![0] };
}
