/** A real Mosquitto on a free port, for benches and tests; it ends with the process that started it. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childEnded } from './child-ended';
import { endWithUs } from './end-with-us';
import { freePort } from './free-port';
import { portAnswers } from './port-answers';
import { until } from './until';

const BINARY = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto'].find((path) =>
  existsSync(path),
);

export interface Broker {
  readonly port: number;
  readonly url: string;
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

export const isMosquittoInstalled = BINARY !== undefined;

/** One that lets everybody in, on this machine, and sends small packets at once. */
const openTo = (port: number): string =>
  `listener ${String(port)} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n`;

/** One that keeps whatever a client has not acknowledged: Mosquitto drops what exceeds a thousand messages otherwise. */
export const keepingAll = (port: number): string => `${openTo(port)}max_queued_messages 0\n`;

/** One that keeps sessions and messages over a restart. @param folder where it keeps them. */
export const lasting =
  (folder: string) =>
  (port: number): string =>
    `${keepingAll(port)}persistence true\npersistence_location ${folder}/\nuser root\n`;

/**
 * @param onPort a port to listen on, to start a broker again where it was.
 * @param configure the text of its configuration for a port.
 */
export const startBroker = async (onPort?: number, configure: (port: number) => string = openTo): Promise<Broker> => {
  if (BINARY === undefined) throw new Error('mosquitto is not installed');
  const port = onPort ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), 'fdir-broker-'));
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(file, configure(port));
  const child = spawn(BINARY, ['-c', file], { stdio: 'ignore' });
  endWithUs(child);
  await until('the broker to listen', () => portAnswers(port));
  return {
    port,
    url: `mqtt://127.0.0.1:${String(port)}`,
    pid: child.pid,
    stop: async () => {
      child.kill('SIGTERM');
      await childEnded(child);
      rmSync(folder, { recursive: true });
    },
  };
};
