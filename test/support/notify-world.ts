/** A notifier over a real log, and alarms that come and go. */
import { Subject } from 'rxjs';
import { LastingLog } from '../../src/adapters/log/lasting-log';
import { composeNotify, type Notifier, type NotifyResult } from '../../src/compose/notify';
import { notifySchema } from '../../src/config/notify-config';
import { initialAlarms, type AlarmsState, type AlarmsStep } from '../../src/core/alarms/alarm-book';
import { orderAlarm, type AlarmOrder } from '../../src/core/alarms/alarm-orders';
import { raise, type AlarmCondition } from '../../src/core/alarms/alarms';
import type { DaemonEvent } from '../../src/domain/daemon-event';
import { T0, tinyMission } from './tiny-mission';
import { makeWorkspace, type Workspace } from './workspace';

export const SECRET = 'a secret of more than twenty-four bytes';

export class NotifyWorld {
  readonly notes: DaemonEvent[] = [];
  readonly vitals: { readonly ok: boolean; readonly detail: string }[] = [];
  readonly counted: Record<string, number> = {};
  /** Beats of the notifier's clock. */
  readonly beats = new Subject<number>();
  private alarms: AlarmsState = initialAlarms;
  private log: LastingLog;
  notifier: Notifier;

  private constructor(
    readonly work: Workspace,
    private readonly config: object,
    private readonly ca: string | undefined,
  ) {
    this.log = this.openLog();
    this.notifier = this.compose();
  }

  /** @param config the section `notify`. */
  static async open(config: object, ca?: string): Promise<NotifyWorld> {
    return new NotifyWorld(await makeWorkspace(), config, ca);
  }

  private openLog(): LastingLog {
    return new LastingLog(this.work.path('notify.db'), { now: () => Date.now(), onSetAside: () => undefined });
  }

  private compose(): Notifier {
    const config = notifySchema.parse(this.config);
    const { ca } = this;
    return composeNotify({
      config,
      access: {
        alertmanager: { ca, authorization: undefined },
        webhooks: config.webhooks.map(() => ({ ca, secret: SECRET })),
      },
      context: () => ({ mission: tinyMission(), page: 'https://fdir.example', reliability: [] }),
      log: this.log,
      clock: { now: () => Date.now(), every: () => this.beats },
      diagnostics: {
        vital: (part, ok, detail = '') => {
          if (part === 'notify') this.vitals.push({ ok, detail });
        },
      },
      note: (event) => this.notes.push(event),
      onResult: (receiver: string, result: NotifyResult, count: number) => {
        const key = `${receiver} ${result}`;
        this.counted[key] = (this.counted[key] ?? 0) + count;
      },
      pauses: { pauseMs: [5, 50], remindMs: 3_600_000 },
    });
  }

  /** Ends as a process does, and begins anew with the same log. */
  async restart(): Promise<void> {
    await this.notifier.stop();
    this.log.close();
    this.log = this.openLog();
    this.notifier = this.compose();
    this.notifier.start();
  }

  private keep({ state, steps, ledger }: AlarmsStep): void {
    this.alarms = state;
    const notices = this.notifier.noticesOf([{ events: [], ledger }]);
    this.log.commit([], ledger, { publications: [], notices, memory: undefined });
    if (steps.length > 0) this.notifier.wake();
  }

  /** An alarm of a limit violates or is normal; `second` counts from T0. */
  raise(parameter: string, status: AlarmCondition['status'], second = 0): void {
    const condition: AlarmCondition = {
      name: `check/${parameter}`,
      cause: 'warning',
      status,
      severity: 'medium',
      title: `${parameter}: aboveHighLimit`,
      isLatching: false,
      value: 6.5,
      explanationId: null,
      time: T0 + second * 1000,
    };
    this.keep(raise(this.alarms, condition));
  }

  order(order: AlarmOrder): void {
    this.keep(orderAlarm(this.alarms, order, T0 + 1000));
  }

  async close(): Promise<void> {
    await this.notifier.stop();
    this.log.close();
    this.work.remove();
  }
}
