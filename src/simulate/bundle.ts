/** The list of bundled passes (`manifest.yaml`): the arguments of each, so that any of them can be made again. */
import { z } from 'zod';
import { durationMs } from '../domain/units';

const name = z.string().regex(/^[a-z0-9-]+$/, 'must be lower-case letters, digits and "-"');

const pass = z
  .strictObject({
    /** File name without extension. */
    name,
    duration: durationMs,
    seed: z.int(),
    faults: z.array(z.string()).default([]),
  })
  .readonly();

export const bundleSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** Mission file, relative to the manifest. */
  mission: z.string(),
  start: z.iso.datetime(),
  spacecraftSeed: z.int(),
  passes: z.array(pass).min(1),
});

export type Bundle = z.infer<typeof bundleSchema>;
