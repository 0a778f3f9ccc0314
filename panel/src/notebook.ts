import { Cell, CodeCell, ICellModel } from '@jupyterlab/cells';
import { INotebookTracker, Notebook, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import { Kernel, KernelMessage } from '@jupyterlab/services';
import { ISignal, Signal } from '@lumino/signaling';

const RECENT = 10000; // ms

/** How a check ended, as far as the kernel tells; what it saw is in the platform's record. */
export type Outcome = 'done' | 'no-notebook' | 'no-kernel' | 'ended' | { error: string };

/** A kernel that ended, and what the notebook had run by then. */
export interface IEnding {
  /** Somebody asked for it; otherwise it was killed or crashed. */
  asked: boolean;
  /** It does not come back by itself. */
  dead: boolean;
  /** The cell that was running. */
  culprit: CodeCell | null;
  /** Cells that had run, from top to bottom, without the culprit and without those that submit. */
  cells: CodeCell[];
}

/** The lab's notebook, wherever in JupyterLab it is open. */
export class LabNotebook {
  constructor(private readonly tracker: INotebookTracker) {
    tracker.forEach(panel => this.follow(panel));
    tracker.widgetAdded.connect((_, panel) => this.follow(panel));
    NotebookActions.executionScheduled.connect((_, { notebook, cell }) => {
      if (this.isOurs(notebook)) {
        this.pending.push(cell);
      }
    });
    NotebookActions.executed.connect((_, { notebook, cell, success }) => {
      if (this.pending[0] === cell && !success) {
        this.failed = { cell, at: Date.now() };
      }
      this.pending = this.pending.filter(one => one !== cell);
      if (this.isOurs(notebook)) {
        this._executed.emit(cell);
      }
    });
  }

  /** Set when the lab is known; the notebook's path below JupyterLab's root. */
  path = '';

  /** A cell of the lab's notebook has run, or could not. */
  get executed(): ISignal<this, Cell<ICellModel>> {
    return this._executed;
  }

  /** The kernel of the lab's notebook has ended. */
  get ended(): ISignal<this, IEnding> {
    return this._ended;
  }

  get panel(): NotebookPanel | null {
    return this.tracker.find(panel => panel.context.path === this.path) ?? null;
  }

  get isBusy(): boolean {
    return this.panel?.sessionContext.session?.kernel?.status === 'busy';
  }

  /** Save the notebook, if it is open: what is handed in is the file. */
  async save(): Promise<void> {
    await this.panel?.context.save();
  }

  /**
   * Run the public checks in the notebook's own kernel, which alone has what the notebook has defined.
   *
   * The request queues behind a cell that is running, leaves nothing in the notebook, its history or its names, and
   * stops no cell.
   */
  async check(task: string | null): Promise<Outcome> {
    const panel = this.panel;
    if (!panel) {
      return 'no-notebook';
    }
    await panel.sessionContext.ready;
    const kernel = panel.sessionContext.session?.kernel;
    if (!kernel || kernel.status === 'dead' || kernel.status === 'terminating') {
      return 'no-kernel';
    }
    const words = task === null ? '' : JSON.stringify(task);
    // `and None`: the verdict is not the value of anything, and `_` stays what it was.
    const code = `__import__("mlops_labs.lab", fromlist=["check"]).check(${words}) and None`;
    try {
      for (let attempt = 0; ; attempt++) {
        const reply = await this.execute(kernel, code);
        // A cell that fails takes along whatever is queued behind it.
        if (reply.content.status !== 'aborted' || attempt > 5) {
          return reply.content.status === 'error'
            ? { error: `${reply.content.ename}: ${reply.content.evalue}` }
            : 'done';
        }
      }
    } catch {
      return 'ended';
    }
  }

  private execute(kernel: Kernel.IKernelConnection, code: string): Promise<KernelMessage.IExecuteReplyMsg> {
    const content = { code, silent: false, store_history: false, stop_on_error: false, allow_stdin: false };
    return kernel.requestExecute(content, true).done;
  }

  /** Run cells one after the other, as if each had been run by hand. */
  async run(cells: CodeCell[]): Promise<void> {
    const panel = this.panel;
    if (panel) {
      await panel.sessionContext.ready;
      const here = cells.filter(cell => panel.content.widgets.includes(cell));
      await NotebookActions.runCells(panel.content, here, panel.sessionContext);
    }
  }

  private isOurs(notebook: Notebook): boolean {
    return this.panel?.content === notebook;
  }

  private follow(panel: NotebookPanel): void {
    panel.sessionContext.statusChanged.connect((_, status) => {
      if (panel.context.path !== this.path) {
        return;
      }
      if (status === 'restarting' || status === 'autorestarting' || status === 'dead') {
        this.tell(panel, status);
      }
    });
  }

  private tell(panel: NotebookPanel, status: Kernel.Status): void {
    const cells = panel.content.widgets.filter((cell): cell is CodeCell => cell instanceof CodeCell);
    // A kernel that is gone fails the cell that ran, before or after it is told; and it may be told twice.
    const failed = this.failed && Date.now() - this.failed.at < RECENT ? this.failed.cell : null;
    const running = this.pending[0] ?? failed;
    const culprit = cells.find(cell => cell === running) ?? null;
    this.failed = culprit && { cell: culprit, at: Date.now() };
    this.pending = [];
    this._ended.emit({
      asked: status === 'restarting',
      dead: status === 'dead',
      culprit: status === 'restarting' ? null : culprit,
      cells: cells.filter(
        cell =>
          cell.model.executionCount !== null &&
          cell !== culprit &&
          !cell.model.sharedModel.getSource().includes('lab.submit(')
      )
    });
  }

  private pending: Cell<ICellModel>[] = [];
  private failed: { cell: Cell<ICellModel>; at: number } | null = null;
  private readonly _executed = new Signal<this, Cell<ICellModel>>(this);
  private readonly _ended = new Signal<this, IEnding>(this);
}

/** A cell in words: its task, or its first line that says something. */
export function nameOf(cell: CodeCell): string {
  const lines = cell.model.sharedModel.getSource().split('\n');
  const first = lines.find(line => line.trim() && !line.trim().startsWith('#')) ?? lines[0];
  const text = first.trim();
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
