/** Which paths belong to the Yamcs API. */

/** Every call of it begins so; `/api/v1` is ours. */
export const isYamcsPath = (url: string): boolean => /^\/api\/(processors\/|websocket(\?|$))/.test(url);
