// Debian's Chromium for the tests of the pages, and a picture of every page for a person to look through.
import { AxeBuilder } from '@axe-core/playwright';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';

export const CHROMIUM = process.env.TEAPOT_CHROMIUM ?? '/usr/bin/chromium';
const quiet = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--mute-audio'];

/** With a profile of its own, as a kiosk has it: what it leaves in the profile can be looked for. */
export function openProfile(folder, options = {}) {
  return chromium.launchPersistentContext(folder, { executablePath: CHROMIUM, args: quiet, ...options });
}

export function openBrowser() {
  return chromium.launch({ executablePath: CHROMIUM, args: quiet });
}

const screenshots = path.join(process.env.TEAPOT_BIN, '..', 'screenshots');

/** @param {import('playwright-core').Page} page @param {string} name */
export async function takePicture(page, name) {
  fs.mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: path.join(screenshots, `${name}.png`), fullPage: true });
}

/** A picture, and what must hold on every page: nothing axe finds, nothing that scrolls sideways.
 * @param {import('playwright-core').Page} page @param {string} name */
export async function look(page, name) {
  await takePicture(page, name);
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`), []);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(over <= 0, `${name} is ${over} pixels wider than the screen`);
}

/** Every text file and database below a folder, for what must not stand in any of them. */
export function* filesBelow(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(name);
    else if (entry.isFile()) yield name;
  }
}
