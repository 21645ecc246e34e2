import { describeConfidence } from '../../src/commands/fit-text';

const tap = (name: string) => ({ name, kind: 'residual' as const, perEquipment: true, dimensions: 1, components: 1 });

test('the calibration error of every driller is told before and after scaling, pools without one are passed over', () => {
  const quality = {
    residual: {
      temperature: 2.134,
      heldCases: 800,
      heldAccuracy: 0.9,
      calibrationErrorBefore: 0.0361,
      calibrationErrorAfter: 0.0079,
    },
    fused: { residual: 0.4, 'detector-residual': 0.6 },
  };
  expect(describeConfidence({ taps: [tap('fused'), tap('residual')], quality })).toEqual([
    'confidence at residual: calibration error 0.036 before, 0.008 after scaling by temperature 2.13, on 800 cases kept back',
  ]);
});
