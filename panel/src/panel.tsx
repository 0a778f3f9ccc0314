import { LabIcon, ReactWidget } from '@jupyterlab/ui-components';
import { Message } from '@lumino/messaging';
import * as React from 'react';
import { PanelModel } from './model';
import { View } from './view';

const icon = new LabIcon({
  name: 'mlops-labs-panel:lab',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><path class="jp-icon3 jp-icon-selectable" ' +
    'fill="#616161" d="M4 3h16v18H4zM6 5v14h12V5zM7.5 8l1-1 1 1 2-2 1 1-3 3zM13 8h4v1.5h-4zM7.5 15l1-1 1 1 2-2 1 1-3 3z' +
    'M13 15h4v1.5h-4z"/></svg>'
});

/** The lab's panel in the side bar. */
export class LabPanel extends ReactWidget {
  constructor(private readonly model: PanelModel) {
    super();
    this.id = 'mlops-labs-panel';
    this.addClass('mlops-LabPanel');
    this.title.icon = icon;
    this.title.caption = 'Lab: tasks, checks, hints, results (Alt Shift L)';
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', 'Lab');
    model.changed.connect(() => this.update());
    this.watch = () => this.tell();
    document.addEventListener('visibilitychange', this.watch);
  }

  override dispose(): void {
    document.removeEventListener('visibilitychange', this.watch);
    super.dispose();
  }

  /** Put the focus at the panel's beginning. */
  focus(): void {
    this.node.querySelector<HTMLElement>('.mlops-Title')?.focus();
  }

  override render(): React.ReactElement {
    return <View model={this.model} />;
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.tell();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.tell();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.tell();
  }

  private tell(): void {
    this.model.seen = this.isVisible && !document.hidden;
  }

  private readonly watch: () => void;
}
