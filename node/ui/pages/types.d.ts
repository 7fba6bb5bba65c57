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
  progress: null | { what: 'sending' | 'fetching' | 'rebuilding'; done: number; of: number | null };
  trouble: string | null;
  now: string;
  enrolled: boolean;
  unsent: number;
  oldest_unsent_at: string | null;
  differs: boolean;
  hub_back: boolean;
  last_sync_at: string | null;
  review: number;
  copied: boolean;
  free_bytes: number;
  full: boolean;
  device: string;
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

export type DraftRow = { key: string; page: string; at: string; version: number };

/** What a page of the router gets. */
export type PageProps = { session: Session; args: string[] };

/** One row of pages.mjs. */
export type PageRow = {
  path: string;
  title: string;
  /** What it asks at once, brought along by its document: {0} is what stood first in its address. */
  asks?: string[];
  load: () => Promise<{ Page: (props: PageProps) => import('preact').VNode<any> | null }>;
};

/** A trouble with a field, for the summary at the top and the words beside it. */
export type FieldError = { id: string; text: string };

/** What was written as the value of a field, by whom. */
export type Head = { value: any; name: string; agency: string; worker: string | null; at: string; shown: boolean; kind?: 'acceptance' | 'offer' };
export type Field = { shown: any; conflict: boolean; unconfirmed?: boolean; heads: Head[] };
/** The document of a record, as `teapot show --json` prints it. */
export type RecordDocument = {
  name: string; entity: string; person: string | null; agency: string; worker: string | null;
  at: string; at_text: string; uncertain: boolean; at_hub: boolean; bare?: boolean; given_back_on?: string; erased_on?: string;
  retracted: null | { reason: string; hidden: boolean };
  fields: Record<string, Field>;
  joined?: string[];
};
/** One of the lists of requests or actions. */
export type Pending = RecordDocument & { offered: boolean; overdue: boolean; card: { name: string; preferred_name: string; born: string } | null };
export type Holder = { agency: string; worker?: string };

/** Somebody, with what tells two of one name apart. */
export type Card = {
  name: string; preferred_name: string | null; aliases: string[]; born: string | null; description: string | null;
  place: string | null; last_contact_at: string | null; why: string[]; score: number; same_as: string | null;
};

/** One change of POST /api/write; "@0" in `set` is the record that changes[0] makes. */
export type Change = {
  op: 'create' | 'update' | 'join' | 'unjoin' | 'retract'; entity?: string; record?: string;
  set: Record<string, any>; set_typed?: Record<string, string>; seen?: Record<string, string[]>;
};
export type Written = { name: string; record: string; entity: string; person: string | null; unchanged: boolean; conflicts: string[]; warnings: string[] };
/** One word about who holds a request or owns an action. */
export type HolderStep = {
  name: string; kind: 'acceptance' | 'offer'; holder: Holder; agency: string; worker: string; at_text: string; at_hub: boolean;
};
/** What waits for whoever writes. */
export type Start = {
  requests: Pending[]; requests_count: number; actions: Pending[]; actions_count: number; reviews: number; // the first few, of how many
  renew: { consent: string; person: string; card: Card | null; ends_on: string; review_on: string }[]; // a day that is not set is empty
  lately: { person: string; at: string; card: Card | null }[]; drafts: DraftRow[];
};
export type ConsentRow = { agency: string; kind: string; purpose: string; effective: 'given' | 'refused' | 'withdrawn' | 'none'; by: string | null; ends_on: string | null };
export type ConsentPage = {
  rows: ConsentRow[]; events: (RecordDocument & { overruled_by: string | null; latest: boolean })[];
  in_sight: string[]; persons: string[]; summary: string; given_back_on?: string; erased_on?: string;
};
export type ConsentPreview = {
  summary: string; before: ConsentRow[]; after: ConsentRow[];
  sees: { agency: string; label: string; kinds: string[]; purposes: string[] }[]; warns: string[];
};
export type JoinPreview = {
  a: RecordDocument; b: RecordDocument;
  before: { agency: string; label: string; of: 'a' | 'b'; kinds: string[] }[];
  after: { agency: string; label: string; kinds: string[]; gains: string[] }[];
};

/** An entry of one person's timeline. */
export type Entry = RecordDocument & { new: boolean; origin: string | null; written_at: string };
/** GET /api/person/N: a part of the entries, oldest first, and what stands at the top of the page. */
export type PersonPage = {
  person: RecordDocument | null; joined: string[]; persons: RecordDocument[];
  consent_summary: string;
  entries: Entry[]; around: Entry[]; last_words: { words: string; at_text: string } | null;
  count: number; more: number; new: number; hidden: number; given_back: number; erased: number; looked_at: string | null;
  version: string; // another where an entry says anything else
};
/** A part of an export: `lines` as they stand in the file. */
export type ExportPart = { from: number; done: number; of: number; held: string; lines: string };
/** What lost, or waits for somebody. */
export type ReviewItem = {
  id: string; kind: string; record: string; entity: string; field: string | null; person: string | null;
  shown: any; kept: { value: any; agency: string; worker: string | null; name: string }[];
  text: string; at: string; can_accept: boolean; can_dismiss: boolean;
  card: { name: string; preferred_name: string; born: string } | null; doc: RecordDocument | null;
};
/** A field that somebody settled a moment ago, and what it could have been. */
export type Settled = { doc: RecordDocument; field: string; label: string; value: any; others: any[]; seen: string[] };
