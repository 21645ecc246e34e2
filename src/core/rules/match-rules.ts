/**
 * From what happened at one instant to the rules that match it. Conditions have four-valued truth and repetition. Effects whose
 * cause is known are muted. A pure reducer; whether a match leads to anything is for recovery to decide.
 *
 * A match is reported again as long as it holds, so that recovery can answer later what a cool-down kept back.
 */
import type { MutedEvent } from '../../domain/events';
import type { Facts, Situation } from '../../domain/facts';
import type { EventAction } from '../../domain/rules';
import { isoTime } from '../../domain/units';
import type { Instant, Subject } from './instant';
import type { RuleMatch } from './rule-match';
import type { CompiledRule, Inhibition, RuleProgram } from './rule-program';

/** How far one rule has come with one subject. */
interface RuleProgress {
  readonly rule: string;
  /** The equipment the count is about. */
  readonly equipment: string;
  /** The repetition counter: consecutive evaluations on which the condition held. */
  readonly count: number;
}

interface SubjectProgress {
  readonly id: string;
  /** Packet time of the last evaluation, milliseconds. */
  readonly evaluatedAt: number;
  /** Rules with a count above zero. */
  readonly rules: readonly RuleProgress[];
  /** Rule and cause of what was muted, each reported once. */
  readonly muted: readonly string[];
}

/** Plain data, so that it can be stored and compared. */
export interface MatcherState {
  /** Packet time of the first instant; undefined before it. */
  readonly startedAt: number | undefined;
  /** Least recently evaluated first. */
  readonly subjects: readonly SubjectProgress[];
  /** Failures that stand: seen again at every instant. */
  readonly standing: readonly Subject[];
  /** Subjects dropped because there were more than `MAX_SUBJECTS`. */
  readonly forgotten: number;
}

export interface MatchInput {
  readonly instant: Instant;
  readonly health: Situation['health'];
  /** A disabled rule is not evaluated and counts nothing. */
  isEvaluated(rule: EventAction): boolean;
}

export interface MatchStep {
  readonly state: MatcherState;
  /** In file order of their rules, subject by subject. */
  readonly matches: readonly RuleMatch[];
  readonly muted: readonly MutedEvent[];
}

export interface RuleMatcher {
  readonly initial: MatcherState;
  match(state: MatcherState, input: MatchInput): MatchStep;
}

/** A spacecraft has tens of equipments and hundreds of monitors: more open at once are lost closings. */
export const MAX_SUBJECTS = 1024;

export const initialMatcher: MatcherState = { startedAt: undefined, subjects: [], standing: [], forgotten: 0 };

/** Subjects of this instant: what happened, and before it what still stands and was not replaced by it. */
const subjectsAt = ({ standing }: MatcherState, { subjects }: Instant): readonly Subject[] => {
  if (standing.length === 0) return subjects;
  const replaced = new Set(subjects.map(({ about }) => about));
  return [...standing.filter(({ about }) => !replaced.has(about)), ...subjects];
};

const isLookedAt = ({ on }: EventAction, { facts }: Subject): boolean =>
  facts.event !== 'anomaly' || on.includes(facts.anomaly.change);

/**
 * The repetition counter after an evaluation on which the condition held. Two evaluations at one packet time are one piece of
 * evidence. If the rule is about the equipment, evidence against another equipment does not count for this one.
 */
const advance = (
  compiled: CompiledRule,
  before: RuleProgress | undefined,
  equipment: string,
  sameTime: boolean,
): number => {
  if (before === undefined || (before.equipment !== equipment && compiled.isPerEquipment)) return 1;
  return sameTime ? before.count : before.count + 1;
};

interface Candidate {
  readonly match: RuleMatch;
  readonly subject: Subject;
}

interface SubjectEvaluation {
  readonly progress: SubjectProgress;
  readonly candidates: readonly Candidate[];
}

const evaluateSubject = (
  program: RuleProgram,
  subject: Subject,
  before: SubjectProgress | undefined,
  { instant: { time, situation }, health, isEvaluated }: MatchInput,
): SubjectEvaluation => {
  const { equipment, fault, confidence, explanationId, explanationRevision } = subject;
  const facts: Facts = { ...situation, health, subject: subject.facts };
  const counted = new Map((before?.rules ?? []).map((item) => [item.rule, item]));
  const rules: RuleProgress[] = [];
  const candidates: Candidate[] = [];
  for (const compiled of program.candidates(subject)) {
    const { rule } = compiled;
    if (!isEvaluated(rule) || !isLookedAt(rule, subject)) continue;
    const condition = compiled.conditionFor(equipment);
    if (condition === undefined || condition.judge(facts) !== 'true') continue;
    const last = counted.get(rule.id);
    const count = advance(compiled, last, equipment, before?.evaluatedAt === time);
    rules.push({ rule: rule.id, equipment, count });
    if (count < rule.repetition) continue;
    const about = { subject: subject.id, equipment, fault, confidence, explanationId, explanationRevision };
    // Most matches were answered long ago: the trace is made for those that are not.
    let trace: RuleMatch['trace'] | undefined;
    const match: RuleMatch = {
      rule,
      ...about,
      time,
      get trace() {
        return (trace ??= condition.explain(facts).trace);
      },
    };
    candidates.push({ subject, match });
  }
  return { progress: { id: subject.id, evaluatedAt: time, rules, muted: before?.muted ?? [] }, candidates };
};

const concerns = ({ id, ids, equipments }: Inhibition, { match, subject }: Candidate): boolean =>
  id !== match.rule.id &&
  id !== subject.about &&
  (ids.has(match.rule.id) || ids.has(subject.about) || equipments.has(match.equipment));

/** What mutes: monitors that have failed, and rules whose condition holds now or held when their subject was last evaluated. */
export const activeIds = (
  program: RuleProgram,
  { subjects }: Pick<MatcherState, 'subjects'>,
  { failing }: Pick<Instant, 'failing'>,
): ReadonlySet<string> => {
  const inhibiting = new Set(program.inhibitions.filter(({ kind }) => kind === 'rule').map(({ id }) => id));
  if (inhibiting.size === 0) return failing;
  const holding = subjects.flatMap(({ rules }) =>
    rules.filter(({ rule, count }) => inhibiting.has(rule) && count >= (program.rule(rule)?.repetition ?? 1)),
  );
  // A rule on trial (passive) must not silence one that acts.
  const acting = holding.filter(({ rule }) => program.rule(rule)?.state === 'active');
  return new Set([...failing, ...acting.map(({ rule }) => rule)]);
};

/** Whether an effect must wait: its cause may be about to be established, or everything has only just begun. */
const isHeld = (inhibition: Inhibition, startedAt: number, { time, pending }: Instant): boolean =>
  pending.has(inhibition.id) || time - startedAt < inhibition.holdMs;

/** Evaluates the rules on one instant; times must not go back. */
export const matchRules = (program: RuleProgram, state: MatcherState, input: MatchInput): MatchStep => {
  const { instant } = input;
  const subjects = subjectsAt(state, instant);
  const startedAt = state.startedAt ?? instant.time;
  if (subjects.length === 0)
    return { state: state.startedAt === startedAt ? state : { ...state, startedAt }, matches: [], muted: [] };

  const progress = new Map(state.subjects.map((item) => [item.id, item]));
  const candidates: Candidate[] = [];
  for (const subject of subjects) {
    const result = evaluateSubject(program, subject, progress.get(subject.id), input);
    // Evaluated last, kept last.
    progress.delete(subject.id);
    progress.set(subject.id, result.progress);
    candidates.push(...result.candidates);
  }
  const active = activeIds(program, { subjects: [...progress.values()] }, instant);
  const matches: RuleMatch[] = [];
  const muted: MutedEvent[] = [];
  for (const candidate of candidates) {
    const { match, subject } = candidate;
    const concerned = program.inhibitions.filter((inhibition) => concerns(inhibition, candidate));
    const by = subject.mutedBy ?? concerned.find(({ id }) => active.has(id))?.id;
    if (by === undefined) {
      if (!concerned.some((inhibition) => isHeld(inhibition, startedAt, instant))) matches.push(match);
      continue;
    }
    const own = progress.get(subject.id);
    const key = `${match.rule.id} ${by}`;
    if (own === undefined || own.muted.includes(key)) continue;
    progress.set(subject.id, { ...own, muted: [...own.muted, key] });
    const { subject: about, equipment } = match;
    muted.push({
      type: 'muted',
      time: isoTime(instant.time),
      kind: 'rule',
      id: match.rule.id,
      equipment,
      by,
      subject: about,
    });
  }

  const replaced = new Set(instant.subjects.map(({ about }) => about));
  const standing = [
    ...state.standing.filter(({ about }) => !replaced.has(about)),
    ...instant.subjects.filter(({ stands }) => stands),
  ];
  for (const subject of subjects) if (subject.closes) progress.delete(subject.id);
  for (const subject of state.standing) if (replaced.has(subject.about)) progress.delete(subject.id);
  const kept = [...progress.values()];
  const excess = Math.max(0, kept.length - MAX_SUBJECTS);
  return {
    state: {
      startedAt,
      subjects: kept.slice(excess),
      standing: standing.slice(-MAX_SUBJECTS),
      forgotten: state.forgotten + excess,
    },
    matches,
    muted,
  };
};

export const makeMatcher = (program: RuleProgram): RuleMatcher => ({
  initial: initialMatcher,
  match: (state, input) => matchRules(program, state, input),
});

/** The state under reloaded rules: counters of rules that did not change go on, those of others begin anew. */
export const carryOver = (old: RuleProgram, next: RuleProgram, state: MatcherState): MatcherState => {
  const text = (rule: EventAction | undefined): string => JSON.stringify(rule) ?? '';
  const isSame = (id: string): boolean => next.rule(id) !== undefined && text(old.rule(id)) === text(next.rule(id));
  return {
    ...state,
    subjects: state.subjects.map((subject) => ({
      ...subject,
      rules: subject.rules.filter(({ rule }) => isSame(rule)),
    })),
  };
};
