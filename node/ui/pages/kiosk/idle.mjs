// Somebody walked away: after a while without a touch a warning, then everything is cleared.
import { useEffect, useRef, useState } from 'preact/hooks';

export const WARN_MS = 40_000;
export const CLEAR_MS = 60_000;
const LOOK_MS = 250;
const touches = ['pointerdown', 'keydown', 'input', 'wheel', 'scroll'];

/** Seconds that are left, or null while nobody need be warned.  By a clock that never jumps: this machine's
 * may be put right by years while somebody writes.
 * @param {boolean} isOn @param {() => void} onOver @returns {[number | null, () => void]} */
export function useIdle(isOn, onOver) {
  const [left, setLeft] = useState(/** @type {number | null} */ (null));
  const touched = useRef(performance.now());
  const over = useRef(onOver);
  over.current = onOver;
  const stay = () => {
    touched.current = performance.now();
    setLeft(null);
  };
  useEffect(() => {
    stay();
    if (!isOn) return undefined;
    const look = () => {
      const idle = performance.now() - touched.current;
      if (idle >= CLEAR_MS) over.current();
      else setLeft(idle < WARN_MS ? null : Math.ceil((CLEAR_MS - idle) / 1000));
    };
    const timer = setInterval(look, LOOK_MS);
    touches.forEach((one) => addEventListener(one, stay, { capture: true, passive: true }));
    return () => {
      clearInterval(timer);
      touches.forEach((one) => removeEventListener(one, stay, { capture: true }));
    };
  }, [isOn]);
  return [left, stay];
}
