/** Whether a model package was made for a mission: every difference, not only the first. */
import type { Manifest } from '../domain/manifest';
import type { Mission } from '../domain/mission';

const listed = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

const parameterMismatches = (model: readonly string[], mission: readonly string[]): string[] => {
  const missing = mission.filter((id) => !model.includes(id));
  const extra = model.filter((id) => !mission.includes(id));
  if (missing.length > 0 || extra.length > 0) {
    return [
      ...(missing.length > 0 ? [`the model does not know ${listed(missing)} of the mission`] : []),
      ...(extra.length > 0 ? [`the mission does not have ${listed(extra)} of the model`] : []),
    ];
  }
  const index = mission.findIndex((id, position) => model[position] !== id);
  return index < 0
    ? []
    : [
        `parameter ${String(index + 1)} is "${mission[index] ?? ''}" in the mission and "${model[index] ?? ''}" in the model: the order differs`,
      ];
};

/** A sentence for each difference; empty when the model fits the mission. */
export const modelMismatches = (manifest: Manifest, mission: Mission): readonly string[] => {
  const { sampling } = mission;
  const numbers = [
    ['sampling period in milliseconds', sampling.periodMs, manifest.sampling.periodMs],
    ['window in frames', sampling.window, manifest.sampling.window],
    ['stride in frames', sampling.stride, manifest.sampling.stride],
  ] as const;
  return [
    ...parameterMismatches(
      manifest.parameters,
      mission.parameters.map(({ id }) => id),
    ),
    ...numbers.flatMap(([what, wanted, actual]) =>
      wanted === actual ? [] : [`${what}: the mission has ${String(wanted)}, the model ${String(actual)}`],
    ),
  ];
};
