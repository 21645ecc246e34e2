/**
 * The plugin for Open MCT 4: `openmct.install(installFdir({ url, token }))`. One file, served by the daemon's console at
 * `/openmct/fdir.js`, which sets `installFdir` on the page.
 */
import { DaemonApi, type DaemonAccess } from './daemon-api';
import { addFaults } from './faults';
import { addObjects } from './objects';
import type { OpenMct } from './open-mct';
import { addTelemetry } from './telemetry';

export const installFdir = (options: DaemonAccess): ((openmct: OpenMct) => void) => {
  if (typeof options.url !== 'string' || !/^https?:\/\//.test(options.url))
    throw new Error('installFdir: url must be the address of the FDIR console, such as http://127.0.0.1:8080');
  const api = new DaemonApi(options);
  return (openmct) => {
    addObjects(openmct, api);
    addTelemetry(openmct, api);
    addFaults(openmct, api);
  };
};

Object.assign(globalThis, { installFdir });
