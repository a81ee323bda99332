/** What the values of all label maps together say about the number of classes. Depends on labels/values.ts and findings.ts. */
import { classesFor, IGNORE_LABEL, ignoredLabel, isIgnored } from '../labels/values.js';
import type { Finding } from './findings.js';

/** What the values of all label maps say about the number of classes. */
export interface LabelUse {
  /** Highest class plus one; `undefined` where no pixel has a class. */
  readonly labelNc?: number;
  /** Two values, 0 and 255: a mask, not one class and pixels to ignore. */
  readonly isMask: boolean;
  readonly finding?: Omit<Finding, 'phase'>;
}

/**
 * Judges the values of a data set's maps as a whole.
 *
 * @param values all values that occur.
 * @param files the maps; the finding names the first.
 * @param read how to call the maps: "the label maps".
 */
export function judgeLabelUse(
  values: ReadonlySet<number>,
  labelNc: number,
  files: readonly string[],
  read: string,
): LabelUse {
  const isMask = values.size === 2 && values.has(0) && values.has(IGNORE_LABEL);
  if (isMask) return { labelNc: 2, isMask, finding: maskFinding(labelNc, files, read) };
  const classes = [...values].filter(id => !isIgnored(id, labelNc)).sort((a, b) => a - b);
  const needed = classesFor(classes);
  if (needed <= 0) return { isMask };
  if (needed === labelNc) return { labelNc: needed, isMask };
  const ignored = [...new Set([ignoredLabel(labelNc), ignoredLabel(needed)])].filter(
    id => id >= needed && values.has(id),
  );
  const without = ignored.length === 0 ? '' : ` (apart from ${ignored.join(' and ')}, which means "ignore")`;
  return {
    labelNc: needed,
    isMask,
    finding: {
      severity: 'info',
      code: 'label-nc',
      files: [],
      message: `${read} use ids up to ${needed - 1}${without}, so --label-nc ${needed} is ${needed > labelNc ? 'needed' : 'enough'} (given: ${labelNc})`,
      ...(needed > labelNc && {
        remedy: moreClasses(
          needed,
          [...values].sort((a, b) => a - b),
        ),
      }),
    },
  };
}

function maskFinding(labelNc: number, files: readonly string[], read: string): Omit<Finding, 'phase'> {
  const meaning = labelNc > IGNORE_LABEL ? `two of the ${labelNc} classes` : `of which ${IGNORE_LABEL} means "ignore"`;
  return {
    severity: 'warning',
    code: 'label-mask',
    files: files.slice(0, 1),
    message: `${read} contain only two values, 0 and ${IGNORE_LABEL}, ${meaning}: they look like binary masks`,
    remedy: `to make ${IGNORE_LABEL} the class 1, give --label-nc 2 --label-map ${IGNORE_LABEL}:1; nothing, if this is intended`,
  };
}

/** With more values, no mapping is suggested. */
const MOST_MAPPED = 16;

/** A few values far apart are probably grey levels that stand for classes. */
function moreClasses(needed: number, values: readonly number[]): string {
  const plain = `give --label-nc ${needed}, if these ids are intended`;
  const gaps = values.length <= MOST_MAPPED && values.length * 2 <= needed && values[0]! >= 0;
  if (!gaps) return plain;
  const pairs = values.flatMap((from, to) => (from === to ? [] : [`${from}:${to}`]));
  return `${plain}; if the ${values.length} values stand for as many classes: --label-nc ${values.length} --label-map ${pairs.join(',')}`;
}
