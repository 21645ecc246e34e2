/** A service manager's notification socket (sd_notify(3)): Node has no datagram sockets of the local kind, Python has. */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { until } from './until';

/**
 * Prints one line a datagram; descriptors that come along are a barrier, which closing them lifts. Ends with the process that started it,
 * even if a test fails before it closes the socket: otherwise the whole run would wait for it.
 */
const SCRIPT = `
import os, socket, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("listening", flush=True)
while True:
    data, fds, _, _ = socket.recv_fds(s, 65536, 8)
    for fd in fds: os.close(fd)
    if data != b'BARRIER=1': print(data.decode().replace("\\n", "|"), flush=True)
`;

export interface NotifySocket {
  readonly path: string;
  /** What was told, one entry a message. */
  heard(): string[];
  close(): void;
}

/** What the tests of the notifications need. */
export const canNotify = ['systemd-notify', 'python3'].every(
  (program) => spawnSync(program, ['--version']).error === undefined,
);

export const openNotifySocket = async (folder: string): Promise<NotifySocket> => {
  const path = join(folder, 'notify.socket');
  const child = spawn('python3', ['-c', SCRIPT, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  await until('the notification socket', () => text.startsWith('listening'));
  return {
    path,
    heard: () => text.trim().split('\n').slice(1),
    close: () => {
      process.removeListener('exit', kill);
      kill();
    },
  };
};
