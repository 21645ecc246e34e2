/** What the thread of a fleet's console runs. */
import { parentPort, workerData } from 'node:worker_threads';
import type { FleetConsoleSetup } from '../console/port/fleet-messages';
import { serveFleet } from '../console/server/fleet/serve-fleet';

if (parentPort === null) throw new Error('this is run in a thread of the daemon');
void serveFleet(workerData as FleetConsoleSetup, parentPort);
