/**
 * XML text to a tree of elements with line numbers. Namespaces prefixes are dropped from names; the namespace of the root is kept.
 * A document type declaration is refused, so that entities can neither expand nor be fetched.
 */
import { SaxesParser } from 'saxes';

export interface XmlElement {
  /** Without prefix. */
  readonly name: string;
  readonly line: number;
  /** Without prefixes; `xmlns`, `xml:` and `xsi:` attributes are left out. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Text directly inside, trimmed. */
  readonly text: string;
}

export interface XmlLimits {
  readonly maxBytes: number;
  readonly maxElements: number;
  readonly maxDepth: number;
}

/** The definitions of large missions are tens of megabytes; nothing real nests deeper than some dozens. */
export const XML_LIMITS: XmlLimits = { maxBytes: 256 * 2 ** 20, maxElements: 5_000_000, maxDepth: 200 };

export type XmlResult =
  | { readonly ok: true; readonly root: XmlElement; readonly namespace: string }
  | { readonly ok: false; readonly line: number; readonly element: string; readonly message: string };

/** Ends the parse: the parser itself would go on after an error. */
class XmlRefusal extends Error {
  constructor(
    readonly line: number,
    readonly element: string,
    message: string,
  ) {
    super(message);
  }
}

interface OpenElement {
  readonly name: string;
  readonly line: number;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

const isForeign = (prefix: string, name: string): boolean =>
  prefix === 'xmlns' || name === 'xmlns' || prefix === 'xml' || prefix === 'xsi';

/** @returns the tree, or the line and reason of the first thing that is wrong. Never throws on input. */
export const readXml = (text: string, limits: XmlLimits = XML_LIMITS): XmlResult => {
  if (text.length > limits.maxBytes) {
    return { ok: false, line: 1, element: 'document', message: `longer than ${String(limits.maxBytes)} characters` };
  }
  const parser = new SaxesParser({ xmlns: true, position: true });
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  let namespace = '';
  let elements = 0;
  let tagLine = 1;

  const refuse = (message: string, line = parser.line): never => {
    throw new XmlRefusal(line, open.at(-1)?.name ?? 'document', message);
  };
  parser.on('error', (error) => {
    refuse(`not well formed: ${error.message.replace(/^\d+:\d+: /, '').replace(/\.$/, '')}`);
  });
  parser.on('doctype', () => {
    refuse('a document type declaration is refused: entities are neither expanded nor fetched; remove <!DOCTYPE ...>');
  });
  parser.on('opentagstart', () => {
    tagLine = parser.line;
  });
  parser.on('opentag', ({ local, uri, attributes }) => {
    elements += 1;
    if (elements > limits.maxElements) refuse(`more than ${String(limits.maxElements)} elements`);
    if (open.length >= limits.maxDepth) refuse(`nested deeper than ${String(limits.maxDepth)} elements`);
    if (open.length === 0) namespace = uri;
    const own = new Map<string, string>();
    for (const { prefix, local: name, value } of Object.values(attributes)) {
      if (!isForeign(prefix, name)) own.set(name, value);
    }
    open.push({ name: local, line: tagLine, attributes: own, children: [], text: '' });
  });
  const addText = (more: string): void => {
    const parent = open.at(-1);
    if (parent !== undefined) parent.text += more;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const closed = open.pop();
    if (closed === undefined) return;
    const element: XmlElement = { ...closed, text: closed.text.trim() };
    const parent = open.at(-1);
    if (parent === undefined) root = element;
    else parent.children.push(element);
  });

  try {
    parser.write(text).close();
  } catch (error) {
    if (error instanceof XmlRefusal) {
      return { ok: false, line: error.line, element: error.element, message: error.message };
    }
    throw error;
  }
  return root === undefined
    ? { ok: false, line: 1, element: 'document', message: 'holds no element' }
    : { ok: true, root, namespace };
};
