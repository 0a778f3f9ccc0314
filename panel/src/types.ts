/** What the server extension tells: `mlops_labs/panel/state.py` makes it. */

export interface IVerdict {
  state: string;
  /** The state in a short word, PASS say. */
  word: string;
  /** What was seen, one likely cause, one next action; '' where nothing is to be said. */
  trouble: string;
}

export interface IGraded extends IVerdict {
  earned: number;
  points: number;
}

export interface ITask {
  id: string;
  title: string;
  points: number;
  /** What the last public check saw; null before the first. */
  practice: (IVerdict & { at: string }) | null;
  /** What the last submission showed; null before the first. */
  graded: IGraded | null;
  hints: { of: number; shown: { title: string; text: string }[] };
}

export interface ILab {
  id: string;
  number: number;
  title: string;
  story: string;
  minutes: number;
  notebook: string;
  points: number;
}

export interface IResult {
  earned: number;
  points: number;
  finished: string;
  message: string;
  notes: string[];
  tasks: (IGraded & { id: string; title: string })[];
}

export interface IAttempt {
  attempt: string;
  finished: string;
  earned: number;
  points: number;
  passed: boolean;
}

export interface IReadAgain {
  task: string;
  title: string;
  path: string;
}

export interface ISubmission {
  phase: 'idle' | 'waiting' | 'answered' | 'late' | 'away';
  /** Seconds since the request. */
  seconds: number;
  text: string;
}

export interface IMeters {
  memory: { used_mb: number; limit_mb: number | null; free_mb: number };
  /** Processes of the sandbox that were ended for want of memory, since it began; null where nothing counts them. */
  oom_kills: number | null;
  work_free_mb: number | null;
  scratch: { free_mb: number; total_mb: number } | null;
  minutes: number;
}

export interface IEvidence {
  lab: string;
  lab_title: string;
  task: string;
  task_title: string;
  attempt: string;
  date: string;
}

export interface ISkill {
  id: string;
  title: string;
  level_title: string;
  state: 'shown' | 'begun' | 'ahead';
  evidence: IEvidence[];
}

export interface IState {
  lab: ILab | null;
  tasks: ITask[];
  result: IResult | null;
  history: IAttempt[];
  read_again: IReadAgain[];
  submission: ISubmission;
  services: { title: string; path: string }[];
  lesson: string | null;
  meters: IMeters;
  standing: { skills: ISkill[]; shown: number; of: number } | null;
}

/** Something that happened, which stays until it is dismissed or mended. */
export interface INotice {
  id: string;
  title: string;
  lines: string[];
  /** Cells that are to be run again, from top to bottom. */
  cells?: { id: string; label: string }[];
  again?: () => void;
}
