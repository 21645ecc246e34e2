/** The rule of most tests with people: a wheel whose current is wrong is switched off when somebody says so. */
export const wheelRules = ({
  step = ['expiry: 5m'],
  because = 'A wheel that lies about its current cannot be controlled.',
}: {
  /** Lines of its one step besides command and arguments. */
  readonly step?: readonly string[];
  readonly because?: string;
} = {}): string => `eventActions:
  - id: switch-wheel
    title: Switch off the wheel
    level: 2
    when: { equipment: [rw0, rw1], confidence: 0.5 }
    authority: confirm
    cooldown: 1h
    steps:
      - command: WHEEL_OFF
        arguments: { wheel: '\${equipment}' }
${step.map((line) => `        ${line}\n`).join('')}    because: ${because}
`;
