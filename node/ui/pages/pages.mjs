// Every page: its address, its title (no names of people: titles stand in the browser's history), what it asks at
// once (../page.h: the document brings the answers along), its module.

/** A module's page where it holds several.  @param {any} module @param {string} name */
const of = (module, name) => ({ Page: module[name] });

const schema = '/api/schema';

/** @type {import('./types.d.ts').PageRow[]} */
export const pages = [
  { path: '/', title: 'Start', asks: ['/api/start', schema], load: () => import('./worker/start.mjs') },
  { path: '/contact', title: 'Record a contact', asks: [schema, '/api/draft/contact-new'], load: () => import('./worker/contact.mjs') },
  { path: '/contact/{person}', title: 'Record a contact', asks: [schema, '/api/draft/contact-{0}', '/api/record/{0}'], load: () => import('./worker/contact.mjs') },
  { path: '/recorded/{record}', title: 'Recorded', asks: ['/api/record/{0}', '/api/record/{0}/person', schema], load: () => import('./worker/recorded.mjs') },
  { path: '/requests', title: 'Help requests', asks: ['/api/requests?mine&max=50', schema], load: () => import('./worker/requests.mjs').then((module) => of(module, 'Requests')) },
  { path: '/request/new', title: 'Take a help request', asks: [schema, '/api/draft/request-new'], load: () => import('./worker/request_new.mjs') },
  { path: '/request/new/{person}', title: 'Take a help request', asks: [schema, '/api/draft/request-{0}', '/api/record/{0}'], load: () => import('./worker/request_new.mjs') },
  { path: '/request/{record}', title: 'Help request', asks: ['/api/record/{0}', '/api/record/{0}/person', '/api/record/{0}/holders', schema], load: () => import('./worker/request.mjs') },
  { path: '/actions', title: 'Actions', asks: ['/api/actions?mine&max=50', schema], load: () => import('./worker/requests.mjs').then((module) => of(module, 'Actions')) },
  { path: '/action/new', title: 'Add an action', asks: [schema, '/api/draft/action-new'], load: () => import('./worker/action.mjs').then((module) => of(module, 'NewAction')) },
  { path: '/action/new/{person}', title: 'Add an action', asks: [schema, '/api/draft/action-{0}', '/api/record/{0}'], load: () => import('./worker/action.mjs').then((module) => of(module, 'NewAction')) },
  { path: '/action/{record}', title: 'Action', asks: ['/api/record/{0}', '/api/record/{0}/person', '/api/record/{0}/holders', schema], load: () => import('./worker/action.mjs').then((module) => of(module, 'Action')) },
  { path: '/code', title: 'Look up a code', load: () => import('./worker/code.mjs') },
  { path: '/consent/{person}', title: 'What may be shared', asks: ['/api/person/{0}/consent', '/api/record/{0}', schema, '/api/draft/consent-{0}'], load: () => import('./worker/consent.mjs') },
  { path: '/join/{person}', title: 'Which other record?', asks: ['/api/record/{0}'], load: () => import('./worker/join.mjs').then((module) => of(module, 'PickOther')) },
  { path: '/join/{person}/{person}', title: 'Two records, one person?', asks: [schema, '/api/draft/join-{0}-{1}'], load: () => import('./worker/join.mjs').then((module) => of(module, 'Join')) },
  { path: '/poster', title: 'Poster', load: () => import('./poster/poster.mjs') },
  { path: '/person/{person}', title: 'One person', asks: ['/api/person/{0}?newest=12', '/api/person/{0}/consent', '/api/review?person={0}', schema], load: () => import('./person/person.mjs') },
  { path: '/export/{person}', title: 'Save as a file', asks: ['/api/record/{0}', '/api/export/{0}/part?max=0', schema], load: () => import('./person/export.mjs') },
  { path: '/add/{key}/{person}', title: 'Add', asks: [schema, '/api/draft/add-{0}-{1}', '/api/record/{1}'], load: () => import('./person/add.mjs') },
  { path: '/correct/{record}', title: 'Correct a record', asks: ['/api/record/{0}', schema, '/api/draft/correct-{0}'], load: () => import('./person/correct.mjs') },
  { path: '/review', title: 'To review', asks: ['/api/review?max=30', schema], load: () => import('./person/review.mjs') },
];
