/** Where packets are taken besides the broker: `packets` of `fdir.yaml`. The definition that reads them is the mission's. */
import { z } from 'zod';
import { positiveDurationMs } from '../domain/units';

const address = {
  /** Neither way asks who sends: on another address than this machine's, a firewall must say who may. */
  host: z.string().min(1).default('127.0.0.1'),
  /** 0: any that is free; the running log says which. */
  port: z.int().min(0).max(65_535),
};

/** A ground station has a stream a virtual channel. */
const DEFAULT_CLIENTS = 8;
const DEFAULT_STALL = '30s';

export const packetListenersSchema = z
  .strictObject({
    /** One or more whole packets a datagram. */
    udp: z.strictObject(address).readonly().optional(),
    tcp: z
      .strictObject({
        ...address,
        /** `header`: packets one after another; `length`: 4 bytes (big-endian) before each message of whole packets. */
        framing: z.enum(['header', 'length']).default('header'),
        maxClients: z.int().min(1).max(1000).default(DEFAULT_CLIENTS),
        /** A client that sent part of a packet and no more for so long is disconnected. */
        stall: positiveDurationMs.prefault(DEFAULT_STALL),
      })
      .readonly()
      .optional(),
  })
  .refine(({ udp, tcp }) => udp !== undefined || tcp !== undefined, 'must have "udp" or "tcp"')
  .readonly();

export type PacketListenersConfig = z.infer<typeof packetListenersSchema>;
