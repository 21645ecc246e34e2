/** Placeholders in the string arguments of an action: `${equipment}` and the like. */
import type { ActionStep } from './rules';

/** What string arguments may hold; filled in from the anomaly when the rule fires. */
export const placeholders = ['equipment', 'fault', 'spacecraft'] as const;
export type Placeholder = (typeof placeholders)[number];

type Arguments = ActionStep['arguments'];

/** `${name}`, or a `${` that is never closed: the second is a slip to be reported, not text. */
const PLACEHOLDER = /\$\{([^}]*)(\}|$)/g;

const isPlaceholder = (name: string): name is Placeholder => placeholders.some((item) => item === name);

/** The arguments with every known placeholder replaced; anything else is left as it stands. */
export const fillArguments = (values: Arguments, fill: Readonly<Record<Placeholder, string>>): Arguments =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      typeof value === 'string'
        ? value.replace(PLACEHOLDER, (text, name: string, end: string) =>
            end === '}' && isPlaceholder(name) ? fill[name] : text,
          )
        : value,
    ]),
  );

/** Whether any argument holds the placeholder. */
export const mentions = (values: Arguments, placeholder: Placeholder): boolean =>
  Object.values(values).some((value) => typeof value === 'string' && value.includes(`\${${placeholder}}`));

/** The pieces of a text that look like placeholders and are none: `${wheel}`, `${equipment`. */
export const unknownPlaceholders = (text: string): readonly string[] =>
  [...text.matchAll(PLACEHOLDER)]
    .filter(([, name = '', end]) => end !== '}' || !isPlaceholder(name))
    .map(([piece]) => piece);
