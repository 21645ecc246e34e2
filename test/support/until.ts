export { until } from '../../src/bench/until';
