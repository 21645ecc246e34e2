/** Orders of people: one dialog that asks why, and for a token when there is none, and says what the daemon answered. */
import { describeError } from '../../../domain/errors';
import { useState } from 'preact/hooks';
import type { OrderReceipt } from '../../api/common';
import { post, session, takeToken } from '../client';
import { createStore, useStore } from '../store';
import { announce } from './announcer';
import { Dialog } from './dialog';

export interface Choice {
  readonly name: string;
  readonly label: string;
  readonly options: readonly (readonly [value: string, label: string])[];
  /** The option that is there already; left out: the first. */
  readonly chosen?: string;
  /** The options are proposals; the first of them is filled in. */
  readonly isFree?: boolean;
}
export interface Order {
  readonly title: string;
  /** What will happen. */
  readonly text: string;
  readonly path: string;
  readonly body?: Readonly<Record<string, string>>;
  readonly choices?: readonly Choice[];
  readonly isReasonRequired?: boolean;
  readonly verb: string;
  readonly isGrave?: boolean;
  readonly onDone?: (answer: unknown) => void;
  /** No reason is kept of it. */
  readonly isPlain?: boolean;
  /** What is written is the thing itself, a note, and no comment on it. */
  readonly isNote?: boolean;
}

const asked = createStore<Order | null>(null);
export const askFor = (order: Order): void => {
  asked.set(order);
};

const TokenField = () => (
  <label class="field">
    Token
    <input name="token" type="password" autocomplete="off" required maxLength={4096} />
    <small>Kept in this tab only. Its name is what the log records.</small>
  </label>
);

const ChoiceField = ({ choice: { name, label, options, chosen, isFree = false } }: { choice: Choice }) => {
  const items = options.map(([value, text]) => (
    <option key={value} value={value} selected={value === chosen}>
      {text}
    </option>
  ));
  if (!isFree)
    return (
      <label class="field">
        {label}
        <select name={name}>{items}</select>
      </label>
    );
  return (
    <label class="field">
      {label}
      <input name={name} list={`proposals-${name}`} defaultValue={options[0]?.[0] ?? ''} required maxLength={30} />
      <datalist id={`proposals-${name}`}>{items}</datalist>
      <small>such as {options.map(([value]) => value).join(', ')}</small>
    </label>
  );
};

const OrderForm = ({ order, close }: { order: Order; close: () => void }) => {
  const who = useStore(session);
  const [trouble, setTrouble] = useState('');
  const [isBusy, setBusy] = useState(false);
  const send = async (form: FormData): Promise<void> => {
    const text = (name: string): string => {
      const value = form.get(name);
      return typeof value === 'string' ? value : '';
    };
    setBusy(true);
    try {
      if (form.has('token')) await takeToken(text('token'));
      const body: Record<string, string> = { ...order.body };
      if (order.isPlain !== true) body[order.isNote === true ? 'text' : 'comment'] = text('comment');
      for (const { name } of order.choices ?? []) body[name] = text(name);
      const answer = await post<OrderReceipt>(order.path, body);
      announce(`${order.title}: ${'message' in answer && answer.message !== '' ? answer.message : 'done'}`);
      close();
      order.onDone?.(answer);
    } catch (error) {
      setTrouble(describeError(error));
    } finally {
      setBusy(false);
    }
  };
  if (who?.hasTokens === false)
    return (
      <form method="dialog">
        <h2 id="order-title">{order.title}</h2>
        <p>
          Nothing can be changed here yet: name a token in <code>console.tokens</code> of the daemon’s configuration and
          start it again. Until then the command line does the same: <code>fdir action</code>, <code>fdir alarm</code>,{' '}
          <code>fdir log verdict</code>.
        </p>
        <div class="buttons">
          <button type="button" onClick={close}>
            Close
          </button>
        </div>
      </form>
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send(new FormData(event.currentTarget));
      }}
    >
      <h2 id="order-title">{order.title}</h2>
      <p>{order.text}</p>
      {who?.mayChange !== true && <TokenField />}
      {order.choices?.map((choice) => (
        <ChoiceField key={choice.name} choice={choice} />
      ))}
      {order.isPlain !== true && (
        <label class="field">
          {order.isNote === true ? 'Text' : order.isReasonRequired === true ? 'Reason' : 'Comment'}
          <textarea
            name="comment"
            rows={3}
            maxLength={1000}
            required={order.isReasonRequired === true || order.isNote === true}
          />
        </label>
      )}
      <p class="trouble" role="alert">
        {trouble}
      </p>
      <div class="buttons">
        <button type="submit" class={order.isGrave === true ? 'grave' : 'primary'} disabled={isBusy}>
          {order.verb}
        </button>
        <button type="button" onClick={close}>
          Cancel
        </button>
      </div>
    </form>
  );
};

export const OrderDialog = () => {
  const order = useStore(asked);
  const close = (): void => {
    asked.set(null);
  };
  return (
    <Dialog isShown={order !== null} titleId="order-title" onClose={close}>
      {order !== null && <OrderForm key={`${order.path} ${order.title}`} order={order} close={close} />}
    </Dialog>
  );
};
