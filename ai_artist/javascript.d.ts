// What the scripts of the desk get from the server and keep, for the type check; never loaded.

type Decision = "approve" | "reject";

interface Row {
  label: string;
  value: string;
}

interface Section {
  kind: string;
  start_s: number;
  end_s: number;
}

interface Finding {
  severity: string;
  message: string;
  start_s: number | null;
  end_s: number | null;
}

// runs/comparison.py makes it: what a track can be compared with.
interface Sound {
  name: string;
  audio: string;
  lufs: number | null;
  sections: Section[];
}

interface Comparison {
  lufs: number | null;
  sections: Section[];
  groups: { label: string; sounds: Sound[] }[];
}

// runs/reviewing/comments.py makes it: a comment at a second.
interface TimedComment {
  id: number;
  at_s: number;
  text: string;
  by: string;
  mine: boolean;
  take: number;
}

// runs/desk/items.py makes it.
interface ItemData {
  id: string;
  content_hash: string;
  title: string;
  artist: string;
  persona: string;
  finished_at: string | null;
  age: "fresh" | "aging" | "escalated" | "stale";
  duration_s: number | null;
  audio: string | null;
  video: string | null;
  poster: string | null;
  cover: string | null;
  thumbnail: string | null;
  page: string;
  compare: string;
  take: number;
  comments: TimedComment[];
  peaks: number[];
  sections: Section[];
  findings: Finding[];
  figures: (Row & { tone: string })[];
  costs: Row[];
  concept: Row[];
  lyrics: { kind: string; lines?: string[] }[];
  reflection: { text: string; strengths: string[]; problems: string[] } | null;
}

// What somebody decided, and why.
interface Verdict {
  decision: Decision | "";
  reasons: string[];
  comment: string;
}

interface OtherVerdict extends Verdict {
  by: string;
  at: string;
  undone: boolean;
}

// A line of one's last decisions. together: the group the server knows it by.
interface Recent extends Verdict {
  key: string;
  group?: string;
  together?: string | null;
  run?: string;
  title: string;
  at: string;
  state: string;
  page?: string;
  item?: import("./static/desk/item.js").Item;
  effective_at?: string | null;
  revealed?: { variants: string[]; verdicts: OtherVerdict[] } | null;
}

type Scope = Record<string, string | number>;

interface DecideBody extends Verdict {
  key: string;
  group?: undefined;
  run: string;
  content_hash: string;
  active_seconds: number;
}

interface TogetherBody extends Verdict {
  key?: undefined;
  group: string;
  run: string[];
  scope: Scope;
  items: { run: string; key: string; content_hash: string }[];
}

interface UndoBody {
  key?: string;
  group?: string;
  run?: undefined;
}

interface Bodies {
  decide: DecideBody;
  together: TogetherBody;
  undo: UndoBody;
}

// What waits in the outbox. tried: it may have reached the server already.
type Entry = {
  [Kind in keyof Bodies]: { name: string; kind: Kind; body: Bodies[Kind]; tried?: boolean };
}[keyof Bodies];

interface Refusal {
  error?: string;
  theirs?: (OtherVerdict & { title: string; status: string; page: string }) | null;
}

// verdict: of one decision. refused: errors of an undo, or what stands on each run not taken.
interface SentAnswer {
  verdict?: Recent;
  refused?: (string | Refusal)[];
}

interface OutboxState {
  unsent: number;
  tries: number;
  blocked: string;
}

interface OutboxEvents {
  sent(entry: Entry, answer: SentAnswer): void;
  refused(entry: Entry, answer: Refusal): void;
  changed(state: OutboxState): void;
}

interface NextAnswer {
  error?: string;
  items: ItemData[];
  counts: Counts;
  open_runs: number;
}

interface Counts {
  waiting: number;
  escalated: number;
  stale: number;
}

// runs/desk/views.py writes them into the page.
interface DeskSettings {
  reviewer: number;
  grace_s: number;
  ahead: number;
  together: number;
  may_comment: boolean;
  reasons: [string, string][];
  urls: Record<
    | "next"
    | "heartbeat"
    | "release"
    | "decide"
    | "undo"
    | "reasons"
    | "scopes"
    | "several"
    | "together"
    | "comments",
    string
  >;
}

interface DeskState {
  items: import("./static/desk/item.js").Item[];
  recent: Recent[];
  skipped: Set<string>;
  scope: Scope;
  playing: boolean;
  fetching: boolean;
  counts: Counts | null;
  openRuns: number;
  lastActive: number;
  several: ItemData[];
  editing: Recent | null;
}
