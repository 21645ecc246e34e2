/** THIRD-PARTY-NOTICES and the `copyright` file of the Debian package: whose work we ship, and under which licence. */
import type { ShippedPackage } from './shipped-packages';

const RULE = '-'.repeat(80);

/** Packages with the same text share one section, so that the same page is not printed eighty times. */
const byText = (packages: readonly ShippedPackage[]): ReadonlyMap<string, readonly ShippedPackage[]> => {
  const sections = new Map<string, ShippedPackage[]>();
  for (const one of packages) {
    const same = sections.get(one.text);
    if (same === undefined) sections.set(one.text, [one]);
    else same.push(one);
  }
  return sections;
};

/** @param packages in the order in which they shall appear. */
export const thirdPartyNotices = (packages: readonly ShippedPackage[]): string => {
  const sections = [...byText(packages)].map(([text, users]) => {
    const names = users.map(({ name, version, licence }) => `${name} ${version} (${licence})`).join('\n');
    return `${RULE}\n${names}\n${RULE}\n\n${text}\n`;
  });
  return ['peephole-fdir contains the following packages. Each one keeps its own licence.\n', ...sections].join('\n');
};

/** @param own our licence. */
export const debianCopyright = (own: string, notices: string): string =>
  `peephole-fdir is licensed under the Apache License 2.0:\n\n${own.trim()}\n\n${notices}`;
