import * as React from 'react';
import { Doing, PanelModel } from './model';
import { IAttempt, IMeters, INotice, IReadAgain, IResult, ISkill, IState, ITask, IVerdict } from './types';

type Of<T> = T & { model: PanelModel };

/** Everything in the panel. Texts of files are given to React as texts, never as HTML. */
export function View({ model }: { model: PanelModel }): React.ReactElement {
  const { state } = model;
  return (
    <div className="mlops-Panel">
      {state?.lab ? <Lab model={model} state={state} /> : <NoLab model={model} />}
    </div>
  );
}

function NoLab({ model }: { model: PanelModel }): React.ReactElement {
  const words =
    model.problem || (model.state ? 'There is no lab in this folder.' : 'Looking for the lab ...');
  return (
    <>
      <h2>Lab</h2>
      <p role="status">{words}</p>
      {model.state && <p>Start it again in a terminal, which mends its files; your work stays as it is.</p>}
    </>
  );
}

function Lab({ model, state }: Of<{ state: IState }>): React.ReactElement {
  const lab = state.lab!;
  const passed = state.tasks.filter(task => task.practice?.state === 'pass').length;
  return (
    <>
      <h2 tabIndex={-1} className="mlops-Title">
        Lab {String(lab.number).padStart(2, '0')} {lab.title}
      </h2>
      {lab.story && <p>{lab.story}</p>}
      <p>
        {passed} of {state.tasks.length} tasks pass the public checks. {lab.points} points, about{' '}
        {lab.minutes} minutes.
      </p>
      <div className="mlops-Row">
        <Button onClick={() => void model.openPage(lab.notebook)}>Open the notebook</Button>
        {state.lesson && <Button onClick={() => void model.openPage(state.lesson!)}>Read the lesson</Button>}
      </div>
      <Status model={model} />
      <Notices model={model} />
      <Tasks model={model} state={state} />
      <LastResult state={state} model={model} />
      <Meters meters={state.meters} planned={lab.minutes} />
      <Services model={model} state={state} />
      <Standing standing={state.standing} />
    </>
  );
}

/** The one place that changes by itself and is read out. */
function Status({ model }: { model: PanelModel }): React.ReactElement {
  const text = model.problem || model.said;
  return (
    <div role="status" aria-live="polite" aria-atomic="true" className="mlops-Status">
      {text}
    </div>
  );
}

/** A button that keeps the focus while it waits: `disabled` would throw the focus away. */
function Button(props: {
  onClick: () => void;
  waits?: boolean;
  primary?: boolean;
  children: React.ReactNode;
}): React.ReactElement {
  return (
    <button
      type="button"
      className={props.primary ? 'mlops-Button mlops-mod-primary' : 'mlops-Button'}
      aria-disabled={props.waits ? true : undefined}
      onClick={() => !props.waits && props.onClick()}
    >
      {props.children}
    </button>
  );
}

function Notices({ model }: { model: PanelModel }): React.ReactElement | null {
  if (model.notices.length === 0) {
    return null;
  }
  return (
    <section aria-label="Notices">
      {model.notices.map(notice => (
        <Notice key={notice.id} notice={notice} model={model} />
      ))}
    </section>
  );
}

function Notice({ notice, model }: Of<{ notice: INotice }>): React.ReactElement {
  return (
    <div className="mlops-Notice">
      <h3>{notice.title}</h3>
      {notice.lines.map(line => (
        <p key={line}>{line}</p>
      ))}
      {notice.cells && notice.cells.length > 0 && (
        <>
          <p>Run these cells again, from top to bottom:</p>
          <ol>
            {notice.cells.map(cell => (
              <li key={cell.id}>
                <code>{cell.label}</code>
              </li>
            ))}
          </ol>
        </>
      )}
      <div className="mlops-Row">
        {notice.again && (
          <Button onClick={notice.again}>
            Run {notice.cells?.length === 1 ? 'this cell' : `these ${notice.cells?.length} cells`} again
          </Button>
        )}
        <Button onClick={() => model.dismiss(notice.id)}>
          Dismiss<span className="mlops-Hidden"> the notice: {notice.title}</span>
        </Button>
      </div>
    </div>
  );
}

function Tasks({ model, state }: Of<{ state: IState }>): React.ReactElement {
  const { doing } = model;
  const grading = state.submission.phase === 'waiting';
  const checking = doing?.kind === 'check' && doing.task === null;
  return (
    <section aria-labelledby="mlops-tasks">
      <h3 id="mlops-tasks">Tasks</h3>
      <ol className="mlops-List">
        {state.tasks.map(task => (
          <Task key={task.id} task={task} model={model} doing={doing} />
        ))}
      </ol>
      <div className="mlops-Row">
        <Button waits={doing !== null} onClick={() => void model.check(null)}>
          {checking ? 'Checking all ...' : 'Check all'}
        </Button>
        <Button primary waits={doing !== null || grading} onClick={() => void model.submit()}>
          {grading || doing?.kind === 'submit' ? 'Grading ...' : 'Submit'}
        </Button>
      </div>
      <p>{submissionWords(state)}</p>
    </section>
  );
}

function submissionWords(state: IState): string {
  switch (state.submission.phase) {
    case 'waiting':
      return `Graded for ${state.submission.seconds} s: the saved notebook runs from top to bottom in a fresh sandbox.`;
    case 'late':
      return `No result came. Your work is safe. In a terminal: mlops submit ${state.lab!.id}`;
    case 'away':
      return (
        'The platform outside this sandbox gives no sign of life, so nothing can be submitted from here now. ' +
        `Keep the terminal of mlops start open, or run there: mlops submit ${state.lab!.id}`
      );
    default:
      return 'Public checks look at what the notebook has run so far. Submit saves it and runs all checks.';
  }
}

function Task({ task, model, doing }: Of<{ task: ITask; doing: Doing }>): React.ReactElement {
  const { practice, graded, hints } = task;
  const mine = (kind: 'check' | 'hint'): boolean => doing?.kind === kind && doing.task === task.id;
  return (
    <li className="mlops-Task">
      <h4>
        <Badge verdict={practice} /> {task.id} {task.title}
      </h4>
      {practice?.trouble && <p className="mlops-Text">{practice.trouble}</p>}
      <p className="mlops-Small">
        {graded
          ? `Last submission: ${graded.word}, ${graded.earned} of ${graded.points} points.`
          : `${task.points} ${task.points === 1 ? 'point' : 'points'}, nothing submitted yet.`}
      </p>
      <div className="mlops-Row">
        <Button waits={doing !== null} onClick={() => void model.check(task.id)}>
          {mine('check') ? 'Checking' : 'Check'} {task.id}
        </Button>
        {hints.of > 0 && (
          <Button waits={doing !== null} onClick={() => void model.hint(task.id)}>
            Hint for {task.id}
          </Button>
        )}
      </div>
      {hints.shown.length > 0 && (
        <details
          open={model.unfolded.has(task.id)}
          onToggle={event => model.unfold(task.id, event.currentTarget.open)}
        >
          <summary>
            Hints you have seen for {task.id}: {hints.shown.length}
          </summary>
          <ol className="mlops-List">
            {hints.shown.map((hint, number) => (
              <li key={number}>
                <strong>{hint.title}</strong>
                <p className="mlops-Text">{hint.text}</p>
              </li>
            ))}
          </ol>
        </details>
      )}
    </li>
  );
}

function Badge({ verdict }: { verdict: IVerdict | null }): React.ReactElement {
  const state = verdict?.state ?? 'unchecked';
  return (
    <span className="mlops-Badge" data-state={state}>
      {verdict?.word ?? 'not checked'}
    </span>
  );
}

function LastResult({ state, model }: Of<{ state: IState }>): React.ReactElement | null {
  const { result, history, submission } = state;
  if (!result && !submission.text && history.length === 0) {
    return null;
  }
  return (
    <section aria-labelledby="mlops-result">
      <h3 id="mlops-result">Last submission</h3>
      {submission.text && <p className="mlops-Text">{submission.text}</p>}
      {result && <Result result={result} />}
      {state.read_again.length > 0 && <ReadAgain rows={state.read_again} model={model} />}
      {history.length > 0 && <History rows={history} />}
    </section>
  );
}

function Result({ result }: { result: IResult }): React.ReactElement {
  return (
    <>
      <p>
        <strong>
          Points: {result.earned} of {result.points}
        </strong>
        {result.finished && <>, {when(result.finished)}</>}
      </p>
      {result.message && <p className="mlops-Text">{result.message}</p>}
      {result.notes.map(note => (
        <p key={note}>Note: {note}</p>
      ))}
      <ul className="mlops-List">
        {result.tasks.map(task => (
          <li key={task.id} className="mlops-Task">
            <h4>
              <Badge verdict={task} /> {task.id} {task.title}
            </h4>
            {task.trouble && <p className="mlops-Text">{task.trouble}</p>}
            <p className="mlops-Small">
              {task.earned} of {task.points} points
            </p>
          </li>
        ))}
      </ul>
    </>
  );
}

function ReadAgain({ rows, model }: Of<{ rows: IReadAgain[] }>): React.ReactElement {
  const lesson = model.state?.lesson;
  return (
    <>
      <h4>Read again</h4>
      <ul>
        {rows.map((row, number) => (
          <li key={number}>
            <button type="button" className="mlops-Link" onClick={() => void model.openPage(row.path)}>
              {row.path === lesson ? 'The lesson' : row.path}
              {row.task && `, for ${row.task}`} {row.title}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function History({ rows }: { rows: IAttempt[] }): React.ReactElement {
  return (
    <details>
      <summary>All submissions: {rows.length}</summary>
      <ol>
        {rows.map(row => (
          <li key={row.attempt}>
            {row.finished ? `${when(row.finished)}: ` : ''}
            {row.earned} of {row.points} points{row.passed ? ', passed' : ''}
          </li>
        ))}
      </ol>
    </details>
  );
}

function Meters({ meters, planned }: { meters: IMeters; planned: number }): React.ReactElement {
  const { memory, scratch } = meters;
  return (
    <section aria-labelledby="mlops-meters">
      <h3 id="mlops-meters">Memory and time</h3>
      <ul className="mlops-List">
        <li>
          {memory.limit_mb === null
            ? `Memory: ${memory.used_mb} MB used; no limit of its own here, this machine has ${memory.free_mb} MB free.`
            : `Memory: ${memory.used_mb} of ${memory.limit_mb} MB. What asks for more is ended.`}
          {memory.limit_mb !== null && (
            <Bar name="Memory" value={memory.used_mb} most={memory.limit_mb} unit="MB" tight={0.85} />
          )}
        </li>
        {meters.oom_kills ? <li>Ended for want of memory so far: {meters.oom_kills}</li> : null}
        <li>
          Time: {meters.minutes} of about {planned} minutes since the lab was started. Nothing ends when it is
          over.
          <Bar name="Time" value={meters.minutes} most={planned} unit="minutes" tight={2} />
        </li>
        {scratch && (
          <li>
            Disk: {scratch.free_mb} of {scratch.total_mb} MB free in /tmp
            {meters.work_free_mb !== null && `, ${gigabytes(meters.work_free_mb)} in your folder`}.
          </li>
        )}
        {!scratch && meters.work_free_mb !== null && <li>Disk: {gigabytes(meters.work_free_mb)} free.</li>}
      </ul>
    </section>
  );
}

function Bar(props: {
  name: string;
  value: number;
  most: number;
  unit: string;
  tight: number;
}): React.ReactElement {
  const { name, value, most, unit, tight } = props;
  const part = most > 0 ? Math.min(1, value / most) : 0;
  return (
    <div
      role="meter"
      aria-label={name}
      aria-valuemin={0}
      aria-valuemax={most}
      aria-valuenow={Math.min(value, most)}
      aria-valuetext={`${value} of ${most} ${unit}`}
      className={part > tight ? 'mlops-Bar mlops-mod-tight' : 'mlops-Bar'}
    >
      <div style={{ width: `${Math.round(part * 100)}%` }} />
    </div>
  );
}

function Services({ model, state }: Of<{ state: IState }>): React.ReactElement | null {
  if (state.services.length === 0) {
    return null;
  }
  return (
    <section aria-labelledby="mlops-services">
      <h3 id="mlops-services">Services</h3>
      <ul>
        {state.services.map(service => (
          <li key={service.path}>
            <a href={model.api.page(service.path)} target="_blank" rel="noopener">
              {service.title}
              <span className="mlops-Hidden"> (opens in a new tab)</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

const SKILL = { shown: 'shown', begun: 'begun', ahead: 'ahead' };

function Standing({ standing }: { standing: IState['standing'] }): React.ReactElement | null {
  if (!standing) {
    return null;
  }
  const near = standing.skills.filter(skill => skill.state !== 'ahead');
  const ahead = standing.skills.filter(skill => skill.state === 'ahead');
  return (
    <section aria-labelledby="mlops-standing">
      <h3 id="mlops-standing">Where I stand</h3>
      <p>
        {standing.shown} of {standing.of} skills shown by work that was graded.
      </p>
      <ul className="mlops-List">
        {near.map(skill => (
          <Skill key={skill.id} skill={skill} />
        ))}
      </ul>
      {ahead.length > 0 && (
        <details>
          <summary>Still ahead: {ahead.length}</summary>
          <ul>
            {ahead.map(skill => (
              <li key={skill.id}>
                {skill.title}
                {skill.level_title && ` (${skill.level_title})`}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Skill({ skill }: { skill: ISkill }): React.ReactElement {
  return (
    <li className="mlops-Task">
      <strong>{skill.title}</strong>: {SKILL[skill.state]}
      {skill.level_title && `, ${skill.level_title}`}
      {skill.evidence.length > 0 && (
        <ul>
          {skill.evidence.map((one, number) => (
            <li key={number} className="mlops-Small">
              {one.lab_title || one.lab}: {one.task} {one.task_title}
              {one.date && `, ${when(one.date)}`}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

function gigabytes(megabytes: number): string {
  return megabytes < 10_000 ? `${megabytes} MB` : `${Math.round(megabytes / 1024)} GB`;
}

/** A time in the words of where it is read; as it is written where it is none. */
function when(text: string): string {
  const time = new Date(text);
  return isNaN(time.valueOf())
    ? text
    : time.toLocaleString(undefined, {
        dateStyle: 'medium',
        timeStyle: text.includes('T') ? 'short' : undefined
      });
}
