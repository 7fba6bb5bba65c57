// What was sent and never answered is sent again as the same, so that it is done once.

/** A key for one filled form; the node knows it again (Idempotency-Key). */
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
