/** Prisma's way of saying that a unique value is there already. */

/** For `.then(() => true, isTaken)`: false when the value was taken, and any other failure is thrown on. */
export function isTaken(cause: unknown): false {
  if (typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'P2002') return false;
  throw cause;
}
