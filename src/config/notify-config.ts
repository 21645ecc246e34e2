/** The `notify` section of `fdir.yaml`: who is told of alarms besides the broker. */
import { z } from 'zod';
import { credentialName, secretFile, secretSource } from '../domain/secret';
import { hasCredentials } from './broker-config';

const httpUrl = z
  .string()
  .regex(/^https?:\/\/[^/\s]+/, 'must be a URL such as https://alerts.example:9093')
  .refine((url) => URL.canParse(url), 'must be a URL such as https://alerts.example:9093')
  .refine(
    (url) => !hasCredentials(url),
    'must not carry a user name or a password, which logs would show: set username and password',
  );

/** Certificates of the authorities that may vouch for the receiver (PEM). Left out: those that Node trusts. */
const tls = z.strictObject({ ca: z.string().min(1) }).optional();

const alertmanagerSchema = z
  .strictObject({
    /** Of the server, with its path prefix; `/api/v2/alerts` is added. */
    url: httpUrl,
    tls,
    /** As `basic_auth_users` of its web configuration has it. */
    username: z.string().min(1).max(256).optional(),
    password: secretSource.optional(),
  })
  .refine(({ username, password }) => (username === undefined) === (password === undefined), {
    path: ['username'],
    message: 'and password belong together: give both or none',
  })
  .readonly();

/** As metrics and events call it. */
const receiverName = z.string().regex(/^[A-Za-z0-9_.-]{1,60}$/, 'must be a name of letters, digits, "_", "." and "-"');

const signed = { name: receiverName.optional(), url: httpUrl, tls };
const webhookSchema = z.union([
  /** Signs every body: `openssl rand -hex 32`. */
  z.strictObject({ ...signed, secretFile }),
  z.strictObject({ ...signed, secretCredential: credentialName }),
]);
export type WebhookConfig = z.infer<typeof webhookSchema>;

/** More receivers are Alertmanager's business. */
const MAX_WEBHOOKS = 10;

/** The name of Alertmanager among the receivers. */
export const ALERTMANAGER = 'alertmanager';

export const webhookName = ({ name }: WebhookConfig, index: number): string => name ?? `webhook-${String(index + 1)}`;

export const notifySchema = z
  .strictObject({
    alertmanager: alertmanagerSchema.optional(),
    webhooks: z.array(webhookSchema).max(MAX_WEBHOOKS).readonly().default([]),
    /** Address of the console as people reach it, for the links in messages. Left out: where it listens. */
    page: httpUrl.optional(),
  })
  .superRefine(({ webhooks }, context) => {
    const names = [ALERTMANAGER, ...webhooks.map(webhookName)];
    names.forEach((name, index) => {
      if (names.indexOf(name) < index)
        context.addIssue({
          code: 'custom',
          path: ['webhooks', index - 1, 'name'],
          message: `"${name}" is the name of another receiver`,
        });
    });
  })
  .readonly();
export type NotifyConfig = z.infer<typeof notifySchema>;
