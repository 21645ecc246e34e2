/** Tests with a real PostgreSQL. Where it is not installed they are skipped and say so. */
import { isMosquittoInstalled } from '../../src/bench/mosquitto';
import { isPostgresInstalled } from '../../src/bench/postgres';

export { startPostgres, type Postgres } from '../../src/bench/postgres';

const missing = [...(isPostgresInstalled ? [] : ['postgresql']), ...(isMosquittoInstalled ? [] : ['mosquitto'])].join(
  ' and ',
);

/** `describe`, or `describe.skip` with the reason in the title. */
export const describeWithDatabase = (title: string, body: () => void): void => {
  if (missing !== '') describe.skip(`${title} (skipped: ${missing} is not installed)`, body);
  else describe(title, body);
};
