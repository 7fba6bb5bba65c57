// The keys of a browser lead out of the page: to another one, another window, a file, its own tools.  With a
// keyboard somebody would leave the kiosk by them; here a key types, moves about and presses, and does
// nothing else.  In a window without tabs (toolchains/kiosk.sh) a browser asks the page first for every key.

const plain = new Set(['Tab', 'Enter', 'Escape', 'Backspace', 'Delete', 'Home', 'End', 'PageUp', 'PageDown', 'ArrowLeft', 'ArrowRight',
  'ArrowUp', 'ArrowDown', 'Shift', 'CapsLock', 'NumLock', 'AltGraph', 'Dead', 'Compose', 'Process', 'Unidentified']);

/** @param {KeyboardEvent} event */
export function leadsOut(event) {
  const isCommand = (event.ctrlKey || event.altKey || event.metaKey) && !event.getModifierState('AltGraph');
  const isTyped = [...event.key].length === 1;
  return isCommand || (!isTyped && !plain.has(event.key)) || (event.key === 'Escape' && event.shiftKey);
}

/** Stops what leads out: keys, the menu of a long touch, dragging, a wheel that makes the page larger, and
 * taking words along in the clipboard. */
export function stopLeaving() {
  addEventListener('keydown', (event) => { if (leadsOut(event)) event.preventDefault(); }, { capture: true });
  addEventListener('wheel', (event) => { if (event.ctrlKey) event.preventDefault(); }, { passive: false });
  ['contextmenu', 'dragstart', 'drop', 'copy', 'cut'].forEach((one) => addEventListener(one, (event) => event.preventDefault()));
}
