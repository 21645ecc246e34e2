/** The last message of a connection: it must not hold up the stop. */

/** How long the broker may take to acknowledge it. */
const FAREWELL_MS = 2000;

/** Whether a publication succeeds in the time of a farewell. It never rejects. */
export const isTakenInTime = async (publication: Promise<void>): Promise<boolean> => {
  const taken = publication.then(
    () => true,
    () => false,
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, FAREWELL_MS, false)));
  const isTaken = await Promise.race([taken, late]);
  clearTimeout(timer);
  return isTaken;
};
