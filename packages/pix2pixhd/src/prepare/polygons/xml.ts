/**
 * An XML file as a tree of elements that know their line. Depends on `sax`.
 */
import sax from 'sax';
import { faultIn, type SourceFile } from './field.js';

/** An element. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  /** The text directly in it. */
  readonly text: string;
  /** The line in which it begins, from 1. */
  readonly line: number;
}

interface Growing extends Element {
  children: Growing[];
  text: string;
}

/** Deeper than any annotation: a file of nothing but opening tags ends here. */
const DEEPEST = 100;

/** Parses a text. @returns the root element. @throws UserError naming the line where it is not well-formed. */
export function parseXml(source: SourceFile, text: string): Element {
  const parser = sax.parser(true, { position: true });
  const root: Growing = { name: '', attributes: {}, children: [], text: '', line: 1 };
  const open = [root];
  const fault = (found: string) => faultIn(source, `line ${parser.line + 1}`, found, 'well-formed XML');
  parser.onerror = cause => {
    throw fault(cause.message.split('\n')[0]!);
  };
  parser.onopentag = tag => {
    if (open.length > DEEPEST) throw fault(`elements within each other, ${DEEPEST} deep`);
    const attributes = tag.attributes as Record<string, string>;
    const element: Growing = { name: tag.name, attributes, children: [], text: '', line: parser.line + 1 };
    open.at(-1)!.children.push(element);
    open.push(element);
  };
  parser.onclosetag = () => open.pop();
  parser.ontext = parser.oncdata = piece => {
    open.at(-1)!.text += piece;
  };
  parser.write(text).close();
  const [element] = root.children;
  if (element === undefined) throw fault('no element');
  return element;
}
