#!/usr/bin/env node
/**
 * An example of the gateway between a fleet and its spacecraft: `node gateway.mjs --url mqtt://127.0.0.1:1883 --state FILE`.
 *
 * Requests come at least once. What makes that exactly once stands here: of each spacecraft the gateway keeps the highest `epoch` and the
 * highest `seq` it has let through. It refuses a lower epoch, because that worker has lost its lease, and a number it has seen.
 * It writes both to the disk before it passes a request on, and the broker gets its acknowledgement after that.
 *
 * Each request that passes is one line of JSON on stdout, where a real gateway would hand it to the ground station. What is refused is
 * told on stderr.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { connect } from 'mqtt';

/** `take` says why a request is refused, or undefined when it passes. @param passed what passed before, oldest first. */
export const makeGate = (passed = []) => {
  const known = new Map();
  const note = ({ spacecraft, epoch, seq }) => {
    const before = known.get(spacecraft) ?? { epoch: 0, seq: 0 };
    known.set(spacecraft, { epoch: Math.max(before.epoch, epoch), seq: Math.max(before.seq, seq) });
  };
  passed.forEach(note);
  return {
    take: (request) => {
      const { spacecraft, epoch, seq } = request;
      if (typeof spacecraft !== 'string' || !Number.isInteger(epoch) || !Number.isInteger(seq))
        return 'it names no spacecraft, epoch and seq';
      const before = known.get(spacecraft);
      if (before !== undefined && epoch < before.epoch) return `epoch ${epoch} is past: ${before.epoch} is the newest`;
      if (before !== undefined && seq <= before.seq) return `seq ${seq} was let through`;
      note(request);
      return undefined;
    },
  };
};

const main = () => {
  const { url, state, base, id } = parseArgs({
    options: {
      url: { type: 'string', default: 'mqtt://127.0.0.1:1883' },
      state: { type: 'string', default: 'gateway.ndjson' },
      base: { type: 'string', default: 'fdir' },
      id: { type: 'string', default: 'fdir-gateway' },
    },
  }).values;
  const lines = existsSync(state) ? readFileSync(state, 'utf8').split('\n') : [];
  const gate = makeGate(lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line)));
  const file = openSync(state, 'a');
  const client = connect(url, {
    clientId: id,
    protocolVersion: 5,
    clean: false,
    properties: { sessionExpiryInterval: 86_400 },
    reconnectPeriod: 200,
  });
  // The client acknowledges a message when this has returned.
  client.on('message', (topic, payload) => {
    let request;
    try {
      request = JSON.parse(payload.toString());
    } catch {
      process.stderr.write(`refused a message on ${topic}: it is no JSON\n`);
      return;
    }
    const why = gate.take(request);
    if (why !== undefined) {
      process.stderr.write(`refused ${request.id}: ${why}\n`);
      return;
    }
    const { spacecraft, epoch, seq } = request;
    writeSync(file, `${JSON.stringify({ spacecraft, epoch, seq, id: request.id })}\n`);
    fsyncSync(file);
    process.stdout.write(`${JSON.stringify(request)}\n`);
  });
  client.on('connect', ({ sessionPresent }) => {
    if (!sessionPresent) client.subscribe(`${base}/+/action`, { qos: 1 });
  });
  client.on('error', (error) => process.stderr.write(`${error.message}\n`));
  process.on('SIGTERM', () => {
    client.end(false, {}, () => {
      closeSync(file);
      process.exit(0);
    });
  });
};

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
