/** How long the daemon takes to start (subscribed, model proven on its golden vector) and to stop. */
import { startDaemonProcess } from './daemon-process';
import { startBroker } from './mosquitto';
import { ofRuns } from './statistics';
import type { Workshop } from './workshop';

const RUNS = 5;

export const benchStartup = async (workshop: Workshop) => {
  const broker = await startBroker();
  const readyMs: number[] = [];
  const stopMs: number[] = [];
  for (let run = 1; run <= RUNS; run += 1) {
    workshop.report(`startup: run ${String(run)} of ${String(RUNS)}`);
    const daemon = await startDaemonProcess(workshop, { broker, name: `bench-startup-${String(run)}` });
    readyMs.push(daemon.readyMs);
    stopMs.push(await daemon.stop());
  }
  await broker.stop();
  return { readyMs: ofRuns(readyMs), stopMs: ofRuns(stopMs) };
};
