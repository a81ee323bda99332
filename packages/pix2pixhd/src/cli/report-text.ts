/** The report of `check` as text for a terminal. Depends on the report's types and `printable.ts`. */

import { relative } from 'node:path';
import type { Finding, FindingCode, Report, Severity } from '../data/check/findings.js';
import { printable } from '../printable.js';
import { renderValues } from './values-text.js';

const headings: Record<Severity, string> = { error: 'Errors', warning: 'Warnings', info: 'Worth knowing' };

const titles: Record<FindingCode, string> = {
  'missing-folder': 'Missing folders',
  'no-samples': 'Nothing to train on',
  orphan: 'Orphans: files without a partner',
  'duplicate-stem': 'Several files with the same name',
  'left-out': 'Left out: files that are not read',
  'broken-link': 'Broken links',
  'unused-folder': 'Unused folders',
  unreadable: 'Damaged or unreadable files',
  'size-mismatch': 'Samples whose files differ in size',
  'not-an-id-map': 'Maps that contain colours instead of ids',
  'label-out-of-range': 'Labels outside the classes',
  'label-ignored': 'Pixels without a class (value 255)',
  'label-nc': 'Number of classes',
  'label-mask': 'Label maps that look like masks',
  'map-reversed': 'Maps that viewers show reversed',
  'instance-8bit': 'Instance maps that look wrong',
  'image-channels': 'Channels of images',
  'image-alpha': 'Images with transparency',
  'image-cmyk': 'Images in CMYK',
  'image-values': 'Pixel values that cannot be used',
  pages: 'Files with several images',
  'exif-orientation': 'Samples whose files differ in their orientation tags',
};

/**
 * Renders a report: what was checked, the findings by severity and kind with their files, and the verdict.
 *
 * @param dataroot files inside are named relative to it.
 * @param perKind how many findings of a kind are listed before the rest is only counted.
 */
export function renderReport(report: Report, dataroot: string, perKind: number): string {
  const severities: readonly Severity[] = ['error', 'warning', 'info'];
  const sections = severities.flatMap(severity => {
    const findings = report.findings.filter(finding => finding.severity === severity);
    if (findings.length === 0) return [];
    return [
      `${headings[severity]}\n${byCode(findings)
        .map(group => renderKind(group, dataroot, perKind))
        .join('\n')}`,
    ];
  });
  const values = renderValues(report);
  const parts = [
    renderExamined(report, dataroot),
    ...sections,
    ...(values === '' ? [] : [values]),
    renderVerdict(report),
  ];
  return `${parts.join('\n\n')}\n`;
}

function renderExamined({ samples, unpaired, labelMapsRead }: Report, dataroot: string): string {
  const noun = unpaired ? 'unpaired image' : 'complete sample';
  const phases = Object.entries(samples).map(([phase, number]) => `${phase} ${counted(number, noun)}`);
  const labels = labelMapsRead > 0 ? `; values of ${counted(labelMapsRead, 'label map')} read` : '';
  return `${printable(dataroot)}: ${phases.join(', ') || 'no samples'}${labels}`;
}

function renderVerdict({ findings }: Report): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.filter(({ severity }) => severity === 'warning').length;
  if (errors > 0) return `Not ready: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}.`;
  return warnings > 0 ? `Ready to train, with ${counted(warnings, 'warning')}.` : 'Ready to train.';
}

function byCode(findings: readonly Finding[]): Finding[][] {
  const groups = new Map<FindingCode, Finding[]>();
  for (const finding of findings) groups.set(finding.code, [...(groups.get(finding.code) ?? []), finding]);
  return [...groups.values()];
}

/** The findings of one kind. Neighbours with the same remedy share it. */
function renderKind(findings: readonly Finding[], dataroot: string, perKind: number): string {
  const listed = findings.slice(0, perKind);
  const lines = [`  ${titles[findings[0]!.code]}`];
  for (const [i, finding] of listed.entries()) {
    const files = finding.files.map(file => shorten(file, dataroot));
    lines.push(
      `    ${[files.join(', '), finding.message]
        .filter(part => part !== '')
        .map(printable)
        .join(': ')}`,
    );
    const isLastWithRemedy = finding.remedy !== listed[i + 1]?.remedy;
    if (finding.remedy !== undefined && isLastWithRemedy) lines.push(`      remedy: ${printable(finding.remedy)}`);
  }
  const more = findings.length - listed.length;
  if (more > 0) lines.push(`    and ${more} more of this kind (--all lists them)`);
  return lines.join('\n');
}

function shorten(file: string, dataroot: string): string {
  const inside = relative(dataroot, file);
  return inside === '' || inside.startsWith('..') ? file : inside;
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
