/** What the node's JSON looks like: for tsc alone, never served.  /api/... is described in ../openapi.json. */
export type Session = {
  worker: string | null;
  token: string;
  agency: { id: string; label: string };
  device: string;
  mode: 'worker' | 'kiosk';
  version: string;
  workers: string[];
};

export type Status = {
  revision: number;
  worker: string | null;
  running: boolean;
  syncing: boolean;
  progress: null | { what: 'sending' | 'fetching'; done: number; of: number | null };
  trouble: string | null;
  now: string;
  enrolled: boolean;
  unsent: number;
  oldest_unsent_at: string | null;
  last_sync_at: string | null;
  review: number;
};

export type SchemaField = {
  name: string; label: string; help: string; type: string; rule: string;
  required: boolean; once: boolean; open: boolean; list: string | null;
};
export type Schema = {
  entities: { name: string; label: string; personless: boolean; final: boolean; fields: SchemaField[] }[];
  lists: Record<string, { code: string; label: string }[]>;
  agencies: { id: string; label: string; under_agreement: boolean }[];
  wordings: { id: string; version: number; language: string; title: string; text: string; proof_read: boolean }[];
};

export type DraftRow = { key: string; page: string; at: string };

/** What a page of the router gets. */
export type PageProps = { session: Session; args: string[] };

/** One row of pages.mjs. */
export type PageRow = {
  path: string;
  title: string;
  load: () => Promise<{ Page: (props: PageProps) => import('preact').VNode<any> | null }>;
};

/** A trouble with a field, for the summary at the top and the words beside it. */
export type FieldError = { id: string; text: string };
