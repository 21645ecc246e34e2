/** A package one of whose heads says nothing: what is then missed, that head adds. Nothing is fitted again. */
import type { Manifest } from '../../domain/manifest';

/** A line that no evidence raises above any threshold. */
const SILENT = { knots: [], slopes: [], base: -Infinity };

/** Heads that can be left out, in the order of the manifest; none of packages that judge window by window. */
export const headsOf = ({ calibration: { sustained, ownPast } }: Manifest): readonly string[] =>
  sustained === undefined ? [] : [...sustained.heads, ...(ownPast?.heads ?? [])].map(({ name }) => name);

/** The manifest for judging inferences of the whole package without the evidence of `head`. */
export const withoutHead = (manifest: Manifest, head: string): Manifest => {
  const { sustained, ownPast } = manifest.calibration;
  if (sustained === undefined) return manifest;
  return {
    ...manifest,
    calibration: {
      ...manifest.calibration,
      sustained: {
        ...sustained,
        lines: sustained.lines.map((lines) =>
          lines.map((line, at) => (sustained.heads[at]?.name === head ? SILENT : line)),
        ),
      },
      ...(ownPast && {
        ownPast: {
          ...ownPast,
          heads: ownPast.heads.map((item) => (item.name === head ? { ...item, line: SILENT } : item)),
        },
      }),
    },
  };
};
