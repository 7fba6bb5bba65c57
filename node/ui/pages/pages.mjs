// Every page: its address, its title (no names of people: titles stand in the browser's history), its module.
/** @type {import('./types.d.ts').PageRow[]} */
export const pages = [
  { path: '/', title: 'Start', load: () => import('./worker/start.mjs') },
  { path: '/poster', title: 'Poster', load: () => import('./poster/poster.mjs') },
];
