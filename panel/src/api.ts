import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

/** Asks the server extension, below JupyterLab's own address and with its token. */
export class Api {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  /** The body of a state, as text, so that it can be compared before it is parsed. */
  state(): Promise<string> {
    return this.ask('state');
  }

  async hint(task: string): Promise<string> {
    return JSON.parse(await this.ask('hint', { task })).text;
  }

  async submit(): Promise<void> {
    await this.ask('submit', {});
  }

  /** The address of a service's page. */
  page(path: string): string {
    return URLExt.join(this.settings.baseUrl, path);
  }

  /** Throws an error whose message is for the learner. */
  private async ask(path: string, body?: object): Promise<string> {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const url = URLExt.join(this.settings.baseUrl, 'mlops/api', path);
    const reply = await ServerConnection.makeRequest(url, init, this.settings);
    const text = await reply.text();
    if (reply.ok) {
      return text;
    }
    let message = '';
    try {
      message = JSON.parse(text).message ?? '';
    } catch {
      // A page of somebody between us and the server: its words are of no use here.
    }
    throw new Error(message || `JupyterLab's server answered with ${reply.status}.`);
  }
}
