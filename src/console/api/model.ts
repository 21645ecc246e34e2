/** `GET /model`: what judges, how good it is, and what its threshold means. 404 when the daemon runs without a model. */
import { z } from 'zod';

export const modelViewSchema = z.object({
  id: z.string(),
  sha256: z.string(),
  spacecraft: z.string(),
  method: z.string(),
  detector: z.string(),
  parameters: z.array(z.string()),
  equipment: z.array(z.string()),
  periodSeconds: z.number(),
  windowFrames: z.int(),
  strideFrames: z.int(),
  taps: z.array(
    z.object({
      name: z.string(),
      kind: z.string(),
      perEquipment: z.boolean(),
      dimensions: z.int(),
      components: z.int(),
    }),
  ),
  tasks: z.array(z.object({ name: z.string(), tap: z.string(), classes: z.array(z.string()), isVerdict: z.boolean() })),
  threshold: z.object({
    value: z.number(),
    returnValue: z.number(),
    /** `k` of the last `n` windows open an anomaly. */
    k: z.int(),
    n: z.int(),
    falseAlarmsPerDay: z.number(),
    confidenceFloor: z.number(),
    calibrationWindows: z.int(),
    /** In words. */
    meaning: z.string(),
    budgets: z.array(z.object({ falseAlarmsPerDay: z.number(), threshold: z.number(), returnThreshold: z.number() })),
  }),
  fittedOn: z.object({
    passes: z.array(z.object({ file: z.string(), frames: z.int() })),
    seed: z.int(),
    tool: z.string(),
  }),
  /** Figures as the package gives them; a tree of names, numbers and texts. */
  quality: z.record(z.string(), z.unknown()),
});
export type ModelView = z.infer<typeof modelViewSchema>;
