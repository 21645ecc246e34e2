import { useEffect } from 'preact/hooks';
import type { ModelView } from '../../api/model';
import { useResource } from '../hooks';
import { onChange } from '../live';
import { Empty, Failure, Loading, Section, TableFrame } from '../parts/basic';
import { ProblemError } from '../client';
import { ModelFigures } from '../parts/model-figures';
import { duration } from '../time';
import { figure, percent, spoken } from '../words';

export const ModelPage = () => {
  const { data: model, error, reload } = useResource<ModelView>('model');
  useEffect(
    () =>
      onChange(({ name }) => {
        if (name === 'model' || name === 'snapshot') reload();
      }),
    [reload],
  );
  if (error instanceof ProblemError && error.problem.status === 404)
    return (
      <>
        <h1 class="page-title">Model</h1>
        <Empty>
          The daemon runs without a model: only the plain limits are checked. Fit a package to nominal recordings with{' '}
          <code>fdir fit</code>, name it in <code>model</code> of the daemon’s configuration, and start it again.
        </Empty>
      </>
    );
  if (model === null) return error === null ? <Loading /> : <Failure error={error} again={reload} />;
  const { threshold } = model;
  return (
    <>
      <h1 class="page-title">
        Model <code>{model.id}</code>
      </h1>
      <div class="overview-grid">
        <div>
          <Section title="Threshold and its meaning">
            <p class="big-words">{threshold.meaning}</p>
            <dl class="facts">
              <div>
                <dt>Threshold</dt>
                <dd>{figure(threshold.value)}</dd>
              </div>
              <div>
                <dt>Back to normal below</dt>
                <dd>{figure(threshold.returnValue)}</dd>
              </div>
              <div>
                <dt>Opens after</dt>
                <dd>
                  {threshold.k} of {threshold.n} windows
                </dd>
              </div>
              <div>
                <dt>Named from</dt>
                <dd>{percent(threshold.confidenceFloor)} on</dd>
              </div>
              <div>
                <dt>Calibrated on</dt>
                <dd>{threshold.calibrationWindows.toLocaleString('en-GB')} nominal windows</dd>
              </div>
            </dl>
            <TableFrame label="Thresholds by alarm budget">
              <table>
                <caption>What another budget of false alarms would mean</caption>
                <thead>
                  <tr>
                    <th scope="col">False alarms a day</th>
                    <th scope="col">Threshold</th>
                    <th scope="col">Back to normal</th>
                  </tr>
                </thead>
                <tbody>
                  {threshold.budgets.map((budget) => (
                    <tr
                      key={budget.falseAlarmsPerDay}
                      class={budget.falseAlarmsPerDay === threshold.falseAlarmsPerDay ? 'is-target' : ''}
                    >
                      <th scope="row">
                        {figure(budget.falseAlarmsPerDay)}
                        {budget.falseAlarmsPerDay === threshold.falseAlarmsPerDay && ' (in force)'}
                      </th>
                      <td>{figure(budget.threshold)}</td>
                      <td>{figure(budget.returnThreshold)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </TableFrame>
          </Section>
          <ModelFigures model={model} />
          <Section title="Taps">
            <TableFrame label="Taps">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Tap</th>
                    <th scope="col">Kind</th>
                    <th scope="col">For each equipment</th>
                    <th scope="col">Dimensions</th>
                    <th scope="col">Components</th>
                  </tr>
                </thead>
                <tbody>
                  {model.taps.map((tap) => (
                    <tr key={tap.name}>
                      <th scope="row">
                        <code>{tap.name}</code>
                      </th>
                      <td>{tap.kind}</td>
                      <td>{tap.perEquipment ? 'yes' : 'no'}</td>
                      <td class="number">{tap.dimensions}</td>
                      <td class="number">{tap.components}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </TableFrame>
          </Section>
          <Section title="Classes">
            {model.tasks.map((task) => (
              <div key={`${task.tap} ${task.name}`} class="task">
                <h3>
                  {task.name} <span class="quiet">at {task.tap}</span> {task.isVerdict && <b>gives the verdict</b>}
                </h3>
                <ul class="chips">
                  {task.classes.map((name) => (
                    <li key={name}>{spoken(name)}</li>
                  ))}
                </ul>
              </div>
            ))}
          </Section>
        </div>
        <div>
          <Section title="What it is">
            <dl class="lines">
              <dt>Method</dt>
              <dd>{model.method}</dd>
              <dt>Detector</dt>
              <dd>{model.detector}</dd>
              <dt>Window</dt>
              <dd>
                {model.windowFrames} frames, {duration(model.windowFrames * model.periodSeconds)}; one every{' '}
                {model.strideFrames} frames
              </dd>
              <dt>Parameters</dt>
              <dd>{model.parameters.length}</dd>
              <dt>Equipment</dt>
              <dd>{model.equipment.join(', ')}</dd>
              <dt>SHA-256</dt>
              <dd>
                <code class="hash">{model.sha256}</code>
              </dd>
              <dt>Fitted by</dt>
              <dd>
                {model.fittedOn.tool}, seed {model.fittedOn.seed}
              </dd>
              <dt>Fitted on</dt>
              <dd>
                {model.fittedOn.passes.map(({ file, frames }) => (
                  <div key={file}>
                    {file}: {frames.toLocaleString('en-GB')} frames
                  </div>
                ))}
              </dd>
            </dl>
          </Section>
        </div>
      </div>
    </>
  );
};
