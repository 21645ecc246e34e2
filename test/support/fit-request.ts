/** Fits packages on synthetic telemetry, small and fast, with everything reported kept. */
import { openSession } from '../../src/adapters/model/onnx-session';
import type { AssemblyItem } from '../../src/core/telemetry/assembler-state';
import type { Mission } from '../../src/domain/mission';
import { DEFAULT_SETTINGS } from '../../src/fit/fit-equipment';
import { fitPackage } from '../../src/fit/fit-package';
import type { FitRequest } from '../../src/fit/fit-request';

export const recorded = (assembled: readonly AssemblyItem[], file = 'nominal.csv') => ({
  file,
  sha256: 'd'.repeat(64),
  assembled,
});

export const fitOn = async (
  mission: Mission,
  nominal: readonly (readonly AssemblyItem[])[],
  more: Partial<FitRequest> = {},
) => {
  const reports: string[] = [];
  const files = await fitPackage({
    id: 'synthetic',
    mission,
    nominal: nominal.map((assembled) => recorded(assembled)),
    labelled: [],
    detector: 'pca',
    method: 'equipment',
    falseAlarmsPerDay: 20,
    casesPerClass: 180,
    taps: [],
    settings: { ...DEFAULT_SETTINGS, components: 2 },
    openGraph: (bytes) => openSession(bytes),
    report: (message) => {
      if (reports.at(-1) !== message) reports.push(message);
    },
    ...more,
  });
  return { ...files, reports };
};
