// Somebody walked away: after a while without a touch a warning, then everything is cleared.
import { useEffect, useRef, useState } from 'preact/hooks';

export const WARN_MS = 40_000;
export const CLEAR_MS = 60_000;
const LOOK_MS = 250;
const touches = ['pointerdown', 'keydown', 'input', 'wheel', 'scroll'];

/** Seconds that are left, or null while nobody need be warned; and what says that somebody is there.  Any touch
 * says it before the warning; then the warning itself must, when its touch is over: if it went at the first of
 * it, the rest would press the key beneath.  By a clock that never jumps: this machine's may be put right by
 * years while somebody writes.
 * @param {boolean} isOn @param {boolean} shows  a warning is shown @param {() => void} onOver @returns {[number | null, () => void]} */
export function useIdle(isOn, shows, onOver) {
  const [left, setLeft] = useState(/** @type {number | null} */ (null));
  const touched = useRef(performance.now());
  const isWarned = useRef(false);
  const over = useRef(onOver);
  over.current = onOver;
  const isShown = useRef(shows);
  isShown.current = shows;
  const stay = () => {
    touched.current = performance.now();
    isWarned.current = false;
    setLeft(null);
  };
  useEffect(() => {
    stay();
    if (!isOn) return undefined;
    const look = () => {
      const idle = performance.now() - touched.current;
      isWarned.current = isShown.current && idle >= WARN_MS;
      if (idle >= CLEAR_MS) over.current();
      else setLeft(idle < WARN_MS ? null : Math.ceil((CLEAR_MS - idle) / 1000));
    };
    const note = () => { if (!isWarned.current) stay(); };
    const timer = setInterval(look, LOOK_MS);
    touches.forEach((one) => addEventListener(one, note, { capture: true, passive: true }));
    return () => {
      clearInterval(timer);
      touches.forEach((one) => removeEventListener(one, note, { capture: true }));
    };
  }, [isOn]);
  return [left, stay];
}
