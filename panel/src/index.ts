import { ILabShell, ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import { Api } from './api';
import { PanelModel } from './model';
import { LabNotebook } from './notebook';
import { LabPanel } from './panel';

const OPEN = 'mlops-labs-panel:open';
const SHOWN = 'mlops-labs-panel:shown';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'mlops-labs-panel:plugin',
  description: 'The lab\u2019s panel in the side bar.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ILabShell, ILayoutRestorer, ICommandPalette, IStateDB],
  activate
};

export default plugin;

function activate(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  shell: ILabShell | null,
  restorer: ILayoutRestorer | null,
  palette: ICommandPalette | null,
  db: IStateDB | null
): void {
  const model = new PanelModel(
    new Api(app.serviceManager.serverSettings),
    new LabNotebook(tracker),
    async path => void (await app.commands.execute('docmanager:open', { path }))
  );
  const panel = new LabPanel(model);
  app.shell.add(panel, 'right', { rank: 0 });
  restorer?.add(panel, panel.id);
  app.commands.addCommand(OPEN, {
    label: 'Open the Lab\u2019s Panel',
    caption: 'Tasks, checks, hints and results of the lab',
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => {
      app.shell.activateById(panel.id);
      // The command palette gives the focus back to where it was when it closes, which is after this.
      requestAnimationFrame(() => panel.focus());
    }
  });
  palette?.addItem({ command: OPEN, category: 'Lab' });
  const ready = model.start();
  void app.restored.then(async () => {
    await ready;
    await showOnce(model, db, () => (shell ?? app.shell).activateById(panel.id));
  });
}

/** Show the panel at the first start of each lab; afterwards it is where its owner left it. */
async function showOnce(model: PanelModel, db: IStateDB | null, show: () => void): Promise<void> {
  const lab = model.state?.lab?.id;
  const known = await db?.fetch(SHOWN);
  const labs = Array.isArray(known) ? known.map(String) : [];
  if (lab !== undefined && !labs.includes(lab)) {
    show();
    await db?.save(SHOWN, [...labs, lab]);
  }
}
