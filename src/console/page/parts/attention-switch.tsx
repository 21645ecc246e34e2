/** Sound and notification, each off until it is turned on; the browser remembers. */
import { useState } from 'preact/hooks';
import { allowNotices, isNoticeOn, isSoundOn, ring } from '../attention';
import { useStore } from '../store';
import { Section } from './basic';

export const AttentionSwitch = () => {
  const sound = useStore(isSoundOn);
  const notices = useStore(isNoticeOn);
  const [trouble, setTrouble] = useState('');
  const turnNotices = async (isOn: boolean): Promise<void> => {
    const refusal = isOn ? await allowNotices() : undefined;
    setTrouble(refusal ?? '');
    isNoticeOn.set(isOn && refusal === undefined);
  };
  return (
    <Section title="Call me">
      <p class="quiet">When an alarm of medium or high severity is triggered, or a recovery waits for a decision.</p>
      <label class="check">
        <input
          type="checkbox"
          checked={sound}
          onChange={({ currentTarget }) => {
            isSoundOn.set(currentTarget.checked);
            // What it will sound like.
            if (currentTarget.checked) ring();
          }}
        />{' '}
        Sound
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={notices}
          onChange={({ currentTarget }) => {
            const wanted = currentTarget.checked;
            currentTarget.checked = notices;
            void turnNotices(wanted);
          }}
        />{' '}
        Notification of the browser
      </label>
      <p class="trouble" role="alert">
        {trouble}
      </p>
    </Section>
  );
};
