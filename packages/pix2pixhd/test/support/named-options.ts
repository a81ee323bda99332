/** Which options a message for the user names, and whose they are. Depends on the table of commands. */
import { commandTable } from '../../src/cli/table.js';
import { canonical } from '../../src/config/nvidia.js';
import { listedOptions } from '../../src/config/program-options.js';
import { spellingsOf } from '../../src/config/spellings.js';

/** What every command understands besides its own. */
const common = ['help', 'version'];

/**
 * The options in a text that the command they are named for does not have. An option belongs to the `pix2pixhd COMMAND`
 * before it in the same clause, else to the command that was run.
 *
 * @param command the command that was run.
 */
export function strangeOptions(text: string, command: string): string[] {
  // Quoted names, of files and folders, may hold anything; other programs have options of their own.
  const clauses = text.replace(/[\w-]*-torch-build.*|npm install --ignore-scripts/g, '').split(/[,;:()\n]/);
  return clauses.flatMap(clause => {
    const owner = ownerOf(clause) ?? command;
    const known = knownTo(owner);
    const named = [...clause.matchAll(/(?<![\w-])--([A-Za-z][\w-]*)/g)].map(([, name]) => name!);
    return named.filter(name => !known.has(canonical(name))).map(name => `${owner} --${name}`);
  });
}

/** The command that a clause names, which may be of two words. */
function ownerOf(clause: string): string | undefined {
  const [, first, second] = /pix2pixhd (\w+)(?: (\w+))?/.exec(clause) ?? [];
  const names = commandTable.map(({ spec }) => spec.name);
  return names.includes(`${first} ${second}`) ? `${first} ${second}` : first;
}

function knownTo(command: string): ReadonlySet<string> {
  const spec = commandTable.find(entry => entry.spec.name === command)?.spec;
  if (spec === undefined) throw new Error(`a message names the command ${command}`);
  return new Set([...common, ...spellingsOf(listedOptions(spec)).keys()]);
}
