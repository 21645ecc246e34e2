/**
 * Faults that add a disturbance d to the signal, `x' = x + d`, whatever the signal is. They need no nominal statistics: the deviation of
 * x' from x is the power of d.
 *
 * Offset, step, impulse and the two noises are the "increasing" anomalies of Enttsel et al., IEEE TII 2024 (doi 10.1109/TII.2024.3413359;
 * SSIGPRO/wombats, `increasing.py`). Theirs have one channel. Here the channels of an equipment share what has one cause (the instant,
 * the band). Each draws sign and noise by itself.
 */
import { mapBlock, randomSigns, type FaultInjector } from './block';

/** Offset: d = +-sqrt(delta), one sign a channel. Deviation delta in every draw. Authors' `Constant`. */
export const offset = (delta: number): FaultInjector => ({
  apply: (block, channels, frames, random) => {
    const signs = randomSigns(channels, random);
    return mapBlock(block, frames, (value, channel) => value + Math.sqrt(delta) * (signs[channel] ?? 1));
  },
});

/**
 * Step: `d = 0` before frame j, `+-sqrt(delta n / (n - j))` from j to the end; one j for all channels, one sign a channel. Deviation
 * delta in every draw.
 *
 * The authors' `Step` keeps j in the middle and also lets the disturbance fall back to 0. Here the step stays, and j is uniform over the
 * middle half of the block. Nearer to an end a step is an offset or an impulse.
 */
export const step = (delta: number): FaultInjector => ({
  apply: (block, channels, frames, random) => {
    const signs = randomSigns(channels, random);
    const first = Math.min(frames - 1, Math.max(1, Math.ceil(frames / 4)));
    const last = Math.max(first, Math.floor((3 * frames) / 4));
    const instant = first + random.int(last - first + 1);
    const height = Math.sqrt((delta * frames) / (frames - instant));
    return mapBlock(block, frames, (value, channel, frame) =>
      frame < instant ? value : value + height * (signs[channel] ?? 1),
    );
  },
});

/**
 * Step as published: like `step`, but each channel by itself either leaves its value at the instant or comes back to it there. One window of a
 * fault whose beginning or end it holds looks like this, so that the drillers learn both.
 */
export const stepEitherWay = (delta: number): FaultInjector => ({
  apply: (block, channels, frames, random) => {
    const signs = randomSigns(channels, random);
    const first = Math.min(frames - 1, Math.max(1, Math.ceil(frames / 4)));
    const last = Math.max(first, Math.floor((3 * frames) / 4));
    const instant = first + random.int(last - first + 1);
    const sidesOff = Array.from({ length: channels }, () => random.uniform() < 0.5);
    return mapBlock(block, frames, (value, channel, frame) => {
      const isBefore = sidesOff[channel] === true;
      if (frame < instant !== isBefore) return value;
      const height = Math.sqrt((delta * frames) / (isBefore ? instant : frames - instant));
      return value + height * (signs[channel] ?? 1);
    });
  },
});

/**
 * Impulse: `d = +-sqrt(delta n)` at one frame, 0 elsewhere; the same frame in all channels, one sign a channel. Deviation delta in every
 * draw. The authors' `Impulse` sits in the middle of the window; here its frame is uniform. A block of several segments gets one impulse
 * in each. So a long stretch is faulty throughout, and the height stays that of one window.
 */
export const impulse = (delta: number, segment: number): FaultInjector => ({
  apply: (block, channels, frames, random) => {
    const signs = randomSigns(channels, random);
    const count = Math.max(1, Math.floor(frames / segment));
    const instants = new Set(
      Array.from({ length: count }, (_, index) => {
        const from = Math.floor((index * frames) / count);
        return from + random.int(Math.floor(((index + 1) * frames) / count) - from);
      }),
    );
    const height = Math.sqrt((delta * frames) / count);
    return mapBlock(block, frames, (value, channel, frame) =>
      instants.has(frame) ? value + height * (signs[channel] ?? 1) : value,
    );
  },
});

/** White noise: d ~ N(0, delta), independent in every sample. Expected deviation delta. Authors' `GWN`. */
export const whiteNoise = (delta: number): FaultInjector => ({
  apply: (block, _channels, _frames, random) => block.map((value) => value + Math.sqrt(delta) * random.normal()),
});

/** Spectral lines that make up the narrowband noise: enough to fill a band, few enough to be quick in a long block. */
const LINES = 16;

/**
 * Narrowband noise: d is stationary Gaussian noise with a flat spectrum over a random band. Its autocovariance is `delta cos(2 pi f0 k)
 * sinc(B k)`, with `f0 ~ U(0, 1/2)` and `B ~ U(0, 1/2 - |2 f0 - 1/2|)` cycles a frame. Expected deviation delta.
 *
 * The authors' `GNN` factors the n x n covariance. Here the noise is a sum of lines with random frequencies in the band and random
 * amplitudes. It has the same covariance and works at any length. The channels share the band, not the noise.
 */
export const narrowbandNoise = (delta: number): FaultInjector => ({
  apply: (block, channels, frames, random) => {
    const centre = random.uniform() / 2;
    const band = random.uniform() * (0.5 - Math.abs(2 * centre - 0.5));
    const scale = Math.sqrt(delta / LINES);
    const noise = new Float64Array(block.length);
    for (let line = 0; line < LINES; line += 1) {
      const frequency = 2 * Math.PI * (centre + band * (random.uniform() - 0.5));
      const inPhase = Float64Array.from({ length: channels }, () => scale * random.normal());
      const quadrature = Float64Array.from({ length: channels }, () => scale * random.normal());
      for (let frame = 0; frame < frames; frame += 1) {
        const [cosine, sine] = [Math.cos(frequency * frame), Math.sin(frequency * frame)];
        for (let channel = 0; channel < channels; channel += 1) {
          const index = channel * frames + frame;
          noise[index] = (noise[index] ?? 0) + (inPhase[channel] ?? 0) * cosine + (quadrature[channel] ?? 0) * sine;
        }
      }
    }
    return noise.map((disturbance, index) => (block[index] ?? 0) + disturbance);
  },
});

/**
 * Drift: `d = +-A (t + 1) / n`, a ramp from the first frame to the last, with `A = sqrt(6 n^2 delta / ((n + 1)(2 n + 1)))`; one sign a
 * channel. Deviation delta in every draw. Not among the authors' twelve.
 */
export const drift = (delta: number): FaultInjector => ({
  apply: (block, channels, frames, random) => {
    const signs = randomSigns(channels, random);
    const slope = Math.sqrt((6 * delta) / ((frames + 1) * (2 * frames + 1)));
    return mapBlock(block, frames, (value, channel, frame) => value + slope * (frame + 1) * (signs[channel] ?? 1));
  },
});
