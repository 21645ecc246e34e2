/** Which troubles of a database are waited for. */
import { isPassing, isSilence } from '../../src/adapters/postgres/pg-trouble';

const coded = (code: string, message = ''): Error => Object.assign(new Error(message), { code });

test.each([
  ['it starts or recovers', coded('57P03', 'the database system is starting up')],
  ['it ends', coded('57P01', 'terminating connection due to administrator command')],
  ['another server process crashed', coded('57P02')],
  ['it has no connection left', coded('53300', 'sorry, too many clients already')],
  ['its disk is full', coded('53100')],
  ['two workers prepared it at once', coded('40P01', 'deadlock detected')],
  ['another worker prepares it for long', coded('57014', 'canceling statement due to statement timeout')],
  ['nothing listens', coded('ECONNREFUSED')],
  ['it hung up', coded('ECONNRESET')],
  ['it ended as it was spoken to', new Error('Connection terminated unexpectedly')],
  ['it answers no statement', new Error('Query read timeout')],
  ['one of its addresses refuses', Object.assign(new AggregateError([coded('EHOSTUNREACH'), coded('ECONNREFUSED')]))],
])('waits when %s', (_, error) => {
  expect({ isPassing: isPassing(error), isSilence: isSilence(error) }).toEqual({ isPassing: true, isSilence: false });
});

test.each([
  ['the password is wrong', coded('28P01', 'password authentication failed for user "fdir"')],
  ['nobody may come from here', coded('28000', 'no pg_hba.conf entry for host')],
  ['there is no such database', coded('3D000', 'database "fdir" does not exist')],
  ['the user may make no tables', coded('42501', 'permission denied for schema public')],
  ['the schema does not fit', coded('42P07')],
  ['the host has no address', coded('ENOTFOUND')],
  ['no way leads to the host', coded('EHOSTUNREACH')],
  ['the certificate is of another', coded('ERR_TLS_CERT_ALTNAME_INVALID')],
  ['it speaks no TLS', new Error('The server does not support SSL connections')],
  ['it is no error', 'nothing'],
])('ends when %s', (_, error) => {
  expect({ isPassing: isPassing(error), isSilence: isSilence(error) }).toEqual({ isPassing: false, isSilence: false });
});

test.each([
  ['the pool', new Error('timeout exceeded when trying to connect')],
  ['the client', new Error('Connection terminated due to connection timeout')],
  ['the system', coded('ETIMEDOUT')],
])('an answer that never comes, as %s tells it, is silence', (_, error) => {
  expect({ isPassing: isPassing(error), isSilence: isSilence(error) }).toEqual({ isPassing: false, isSilence: true });
});
