import { CodeCell } from '@jupyterlab/cells';
import { Poll } from '@lumino/polling';
import { ISignal, Signal } from '@lumino/signaling';
import { Api } from './api';
import { IEnding, LabNotebook, nameOf } from './notebook';
import { INotice, IState } from './types';

const SEEN = 1000; // ms between looks while the panel is seen
const UNSEEN = 10000;
const MOST = 30000;

/** What a check, a hint or a submission is doing now. */
export type Doing = { kind: 'check' | 'hint'; task: string | null } | { kind: 'submit' } | null;

/** What the panel shows, and what its buttons do. */
export class PanelModel {
  constructor(
    readonly api: Api,
    private readonly notebook: LabNotebook,
    private readonly open: (path: string) => Promise<void>
  ) {
    this.poll = new Poll({
      auto: false,
      factory: () => this.look(),
      frequency: { interval: UNSEEN, backoff: true, max: MOST },
      name: 'mlops-labs-panel',
      // Also with the browser's tab in the background: a submission may end there.
      standby: 'never'
    });
    notebook.executed.connect((_, cell) => {
      this.hasRun(cell.model.id);
      void this.refresh();
    });
    notebook.ended.connect((_, ending) => this.kernelEnded(ending));
  }

  state: IState | null = null;
  /** Why there is no state, or why it is an old one. */
  problem = '';
  /** The last thing that happened, in words; read out by screen readers. */
  said = '';
  notices: INotice[] = [];
  doing: Doing = null;
  /** Tasks whose hints are unfolded. */
  readonly unfolded = new Set<string>();

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Begin to look; resolves when there is a first state, or a reason for none. */
  async start(): Promise<void> {
    void this.poll.start();
    await this.refresh();
  }

  /** Look more often while somebody looks at us. */
  set seen(seen: boolean) {
    this.poll.frequency = { interval: seen ? SEEN : UNSEEN, backoff: true, max: MOST };
    if (seen) {
      void this.poll.refresh();
    }
  }

  /** Look at once. */
  async refresh(): Promise<void> {
    try {
      await this.look();
    } catch {
      // Told by `look`; the poll tries again.
    }
  }

  async check(task: string | null): Promise<void> {
    if (this.doing) {
      return this.busy();
    }
    const what = task === null ? 'All checks' : `The check of ${task}`;
    this.begin(
      { kind: 'check', task },
      this.notebook.isBusy
        ? `${what} will start when the cell that is running has ended.`
        : `${what} started.`
    );
    const before = this.spoken;
    const outcome = await this.notebook.check(task);
    this.doing = null;
    await this.refresh();
    if (outcome === 'no-notebook') {
      await this.openNotebook();
      this.say('The notebook was not open. Now it is: run its cells, then check again.');
    } else if (outcome === 'no-kernel') {
      this.say(
        'The notebook has no kernel. Choose Restart Kernel in the Kernel menu, run your cells, check again.'
      );
    } else if (outcome === 'ended') {
      this.say('The kernel ended before the check was done. Run your cells again, then check again.');
    } else if (outcome !== 'done') {
      this.say(`The check could not run: ${outcome.error}`);
    } else if (before === this.spoken) {
      this.say(`${what} ended: ${this.verdicts(task)}`);
    }
  }

  async hint(task: string): Promise<void> {
    if (this.doing) {
      return this.busy();
    }
    this.begin({ kind: 'hint', task }, '');
    try {
      const text = await this.api.hint(task);
      this.doing = null;
      this.unfolded.add(task);
      this.say(text);
    } catch (error) {
      this.doing = null;
      this.say((error as Error).message);
    }
    await this.refresh();
  }

  async submit(): Promise<void> {
    if (this.doing || this.state?.submission.phase === 'waiting') {
      return this.busy();
    }
    this.begin({ kind: 'submit' }, 'Saving the notebook ...');
    try {
      await this.notebook.save();
      await this.api.submit();
      this.doing = null;
      this.say('Submitted. It is graded in a fresh sandbox; go on working meanwhile.');
    } catch (error) {
      this.doing = null;
      this.say(`Nothing was submitted. ${(error as Error).message}`);
    }
    await this.refresh();
  }

  async openNotebook(): Promise<void> {
    if (this.state?.lab) {
      await this.open(this.state.lab.notebook);
    }
  }

  async openPage(path: string): Promise<void> {
    try {
      await this.open(path);
    } catch {
      this.say(`${path} could not be opened.`);
    }
  }

  unfold(task: string, open: boolean): void {
    if (open !== this.unfolded.has(task)) {
      open ? this.unfolded.add(task) : this.unfolded.delete(task);
      this._changed.emit();
    }
  }

  dismiss(id: string): void {
    this.notices = this.notices.filter(notice => notice.id !== id);
    this._changed.emit();
  }

  private busy(): void {
    this.say('Wait until the last one is done.');
  }

  private begin(doing: Doing, words: string): void {
    this.doing = doing;
    this.say(words || this.said);
  }

  private say(words: string): void {
    this.said = words;
    this.spoken += 1;
    this._changed.emit();
  }

  private async look(): Promise<void> {
    const number = ++this.asked;
    let text: string;
    try {
      text = await this.api.state();
    } catch (error) {
      this.problem = `JupyterLab's server does not answer: ${(error as Error).message}`;
      this._changed.emit();
      throw error;
    }
    if (number < this.answered || (text === this.text && !this.problem)) {
      return; // overtaken by a later look, or nothing new
    }
    this.answered = number;
    const before = this.state;
    this.text = text;
    this.problem = '';
    this.state = JSON.parse(text) as IState;
    this.notebook.path = this.state.lab?.notebook ?? '';
    if (before) {
      this.compare(before, this.state);
    }
    this._changed.emit();
  }

  /** Tell what is new: whatever did it, a cell, a button or the command line. */
  private compare(before: IState, now: IState): void {
    const checked = now.tasks.filter(task => {
      const old = before.tasks.find(one => one.id === task.id);
      return task.practice && JSON.stringify(task.practice) !== JSON.stringify(old?.practice);
    });
    if (checked.length) {
      const words = checked.map(task =>
        `${task.id} ${task.practice!.word}. ${task.practice!.trouble}`.trim()
      );
      this.say(`Checked: ${words.join(' ')}`);
    }
    if (now.result && now.result.finished !== before.result?.finished) {
      this.say(`Graded: ${now.result.earned} of ${now.result.points} points. ${now.result.message}`.trim());
    } else if (now.submission.phase !== before.submission.phase) {
      const { phase, text } = now.submission;
      if (phase === 'answered' && text) {
        this.say(text);
      } else if (phase === 'late') {
        this.say('No result yet, and it is late. Your work is safe; submit again, or from a terminal.');
      }
    }
    const [killed, already] = [now.meters.oom_kills ?? 0, before.meters.oom_kills ?? 0];
    if (killed > already) {
      this.outOfMemory(now.meters.memory.limit_mb);
    }
  }

  private outOfMemory(limit: number | null): void {
    this.notify({
      id: 'memory',
      title: 'The sandbox ran out of memory',
      lines: [
        `Its limit is ${limit} MB for everything that runs in it. When that was reached, the largest process, ` +
          'most likely your notebook\u2019s kernel, was ended. Nothing outside the sandbox was touched.',
        'What helps: read fewer rows or columns, work in pieces, delete what you no longer need (del name), ' +
          'shut down other kernels in the Running panel. Then run your cells again.'
      ]
    });
  }

  private kernelEnded(ending: IEnding): void {
    const { cells, culprit } = ending;
    if (ending.asked && cells.length === 0) {
      return;
    }
    const lines = ['Your answers are safe in the notebook. What its cells had defined is gone from memory.'];
    if (ending.dead) {
      lines.push('It does not come back by itself: choose Restart Kernel in the Kernel menu.');
    }
    if (culprit) {
      lines.push(
        `This cell was running when it ended; look at it before you run it again: ${nameOf(culprit)}`
      );
    }
    if (!ending.asked && this.state?.meters.memory.limit_mb === null) {
      lines.push(
        `Too little memory is a frequent cause. This machine has ${this.state.meters.memory.free_mb} MB free now.`
      );
    }
    this.notify({
      id: 'kernel',
      title: ending.asked ? 'The kernel was restarted' : 'The kernel ended and starts again',
      lines,
      cells: cells.map(cell => ({ id: cell.model.id, label: nameOf(cell) })),
      again: cells.length && !ending.dead ? () => void this.runAgain(cells) : undefined
    });
    void this.refresh();
  }

  private async runAgain(cells: CodeCell[]): Promise<void> {
    this.say(`Running ${cells.length} cells again.`);
    await this.notebook.run(cells);
  }

  private notify(notice: INotice): void {
    this.notices = [...this.notices.filter(one => one.id !== notice.id), notice];
    this.say(`${notice.title}. ${notice.lines[0]}`);
  }

  /** A cell has run again: when all have, the notice about the kernel has done its work. */
  private hasRun(id: string): void {
    const notice = this.notices.find(one => one.id === 'kernel');
    if (!notice?.cells?.some(cell => cell.id === id)) {
      return;
    }
    const cells = notice.cells.filter(cell => cell.id !== id);
    if (cells.length === 0) {
      this.dismiss('kernel');
      this.say('Every cell that had run has run again.');
    } else {
      this.notices = this.notices.map(one => (one === notice ? { ...notice, cells } : one));
      this._changed.emit();
    }
  }

  private verdicts(task: string | null): string {
    const tasks = (this.state?.tasks ?? []).filter(one => task === null || one.id === task);
    return tasks.map(one => `${one.id} ${one.practice?.word ?? 'not checked'}.`).join(' ');
  }

  private text = '';
  private asked = 0;
  private answered = 0;
  private spoken = 0;
  private readonly poll: Poll;
  private readonly _changed = new Signal<this, void>(this);
}
