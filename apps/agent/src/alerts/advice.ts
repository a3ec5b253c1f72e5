import { setImmediate as nextTurn } from 'node:timers/promises'
import type {
  Advice,
  AdviceItem,
  AdviceSubject,
  Cause,
  GroupNow,
  Score,
  ServerNow,
  Verdict,
} from '@poolscope/protocol'
import {
  ANTI_PATTERNS,
  answerList,
  CHECKLIST,
  causeOf,
  GROUP_RULES,
  type GroupWindow,
  guideOf,
  type ListItem,
  REVIEW_QUESTIONS,
  type Rule,
  SERVER_RULES,
  type ServerWindow,
  scoreOf,
} from '@poolscope/rules'
import type { Fleet } from '../fleet/fleet.ts'
import type { Judge } from './judge.ts'

/** For so long at a time verdicts are made before a tick, a report or a request may come between. */
const SLICE_MS = 8

/** Everything that can be said now of every service and server, alerts or not; made in slices, and once for all who ask meanwhile. */
export class Advisor {
  readonly #judge: Judge
  readonly #snapshot: Fleet['snapshot']
  #making: Promise<Advice> | null = null

  constructor(judge: Judge, snapshot: Fleet['snapshot']) {
    this.#judge = judge
    this.#snapshot = snapshot
  }

  /** As JSON text in pieces: that of a thousand services is too long to be written at once. */
  async *json(): AsyncGenerator<string, void> {
    const { subjects, ...rest } = await this.#advice()
    const pause = pauses()
    yield `${JSON.stringify(rest).slice(0, -1)},"subjects":[`
    for (const [i, subject] of subjects.entries()) {
      yield `${i === 0 ? '' : ','}${JSON.stringify(subject)}`
      await pause()
    }
    yield ']}'
  }

  #advice(): Promise<Advice> {
    this.#making ??= advise(this.#judge, this.#snapshot()).finally(() => {
      this.#making = null
    })
    return this.#making
  }
}

async function advise(judge: Judge, fleet: ReturnType<Fleet['snapshot']>): Promise<Advice> {
  const pause = pauses()
  const { groups, servers } = judge.windows.of(fleet)
  const judged: JudgedGroup[] = []
  for (const window of groups) {
    const { group } = window
    judged.push({
      group,
      cause: causeOf(window),
      verdicts: judgeAll(GROUP_RULES, window, group.id, 'group', judge),
    })
    await pause()
  }
  const ofServers: JudgedServer[] = []
  for (const window of servers) {
    const { server } = window
    ofServers.push({ server, verdicts: judgeAll(SERVER_RULES, window, server.id, 'server', judge) })
    await pause()
  }
  const subjects: AdviceSubject[] = []
  for (const [service, own] of byService(judged)) {
    subjects.push(serviceAdvice(service, own, ofServers))
    await pause()
  }
  subjects.push(...ofServers.map((one) => serverAdvice(one)))
  const all = [...judged, ...ofServers].flatMap(({ verdicts }) => verdicts)
  const lists: AdviceItem[][] = []
  for (const list of [CHECKLIST, ANTI_PATTERNS, REVIEW_QUESTIONS]) {
    lists.push(answerList(list, all))
    await pause()
  }
  const [checklist = [], antiPatterns = [], reviewQuestions = []] = lists
  return {
    atMs: fleet.atMs,
    score: scoreOfAll(subjects.map(({ score }) => score)),
    checklist,
    antiPatterns,
    reviewQuestions,
    subjects: subjects.sort((a, b) => share(a.score) - share(b.score) || (a.name < b.name ? -1 : 1)),
  }
}

/** Lets others in when a slice is used up. */
function pauses(): () => Promise<void> | undefined {
  let sinceMs = performance.now()
  return () => {
    if (performance.now() - sinceMs < SLICE_MS) return undefined
    return nextTurn().then(() => {
      sinceMs = performance.now()
    })
  }
}

/** Why callers of one pool group wait, or that they do not; undefined when there is no such group. */
export function causeNow(
  judge: Judge,
  fleet: ReturnType<Fleet['snapshot']>,
  groupId: string,
): Cause | undefined {
  const window = judge.windows.of(fleet).groups.find(({ group }) => group.id === groupId)
  return window === undefined ? undefined : causeOf(window)
}

type JudgedGroup = { group: GroupNow; cause: Cause; verdicts: Verdict[] }
type JudgedServer = { server: ServerNow; verdicts: Verdict[] }

function byService(groups: readonly JudgedGroup[]): Map<string, JudgedGroup[]> {
  const services = new Map<string, JudgedGroup[]>()
  for (const judged of groups) {
    const own = services.get(judged.group.service)
    if (own === undefined) services.set(judged.group.service, [judged])
    else own.push(judged)
  }
  return services
}

/** A service with all of its pools, and with what is wrong with the servers that they lead to. */
function serviceAdvice(
  service: string,
  own: readonly JudgedGroup[],
  servers: readonly JudgedServer[],
): AdviceSubject {
  const leadTo = new Set(own.map(({ group }) => group.serverId))
  const behind = servers.filter(({ server }) => leadTo.has(server.id))
  const verdicts = own.flatMap((one) => one.verdicts)
  const checklist = answerList(CHECKLIST, [...verdicts, ...behind.flatMap((one) => one.verdicts)])
  return {
    kind: 'service',
    id: service,
    name: service,
    score: scoreOf(checklist),
    level: worstOf(verdicts),
    causes: own.map(({ cause }) => cause),
    checklist,
    verdicts,
  }
}

/** A server with the part of the checklist that it answers itself. */
function serverAdvice({ server, verdicts }: JudgedServer): AdviceSubject {
  const own = new Set(SERVER_RULES.map(({ id }) => id))
  const rulesOf = (item: ListItem) =>
    'rules' in item ? item.rules : 'watchedBy' in item ? item.watchedBy : []
  const items = CHECKLIST.filter(
    (item) => rulesOf(item).length > 0 && rulesOf(item).every((rule) => own.has(rule)),
  )
  const checklist = answerList(items, verdicts)
  return {
    kind: 'server',
    id: server.id,
    name: server.name,
    score: scoreOf(checklist),
    level: worstOf(verdicts),
    causes: [],
    checklist,
    verdicts,
  }
}

function judgeAll<Window extends GroupWindow | ServerWindow>(
  rules: readonly Rule<Window>[],
  window: Window,
  subject: string,
  subjectKind: Verdict['subjectKind'],
  judge: Judge,
): Verdict[] {
  return rules
    .filter((rule) => rule.applies(window) && judge.isOn(rule.id))
    .map((rule) => {
      const finding = rule.evaluate(window, judge.settingsOf(rule), judge.levelOf(rule.id, subject))
      return { rule: rule.id, title: rule.title, guide: guideOf(rule), subjectKind, subject, ...finding }
    })
}

function scoreOfAll(scores: readonly Score[]): Score {
  const sum = (read: (score: Score) => number) => scores.reduce((total, score) => total + read(score), 0)
  const [passed, failed, unknown] = [sum((s) => s.passed), sum((s) => s.failed), sum((s) => s.unknown)]
  const checked = passed + failed + unknown
  return { passed, failed, unknown, ratio: checked === 0 ? null : passed / checked }
}

function share({ ratio }: Score): number {
  return ratio === null ? 1 : ratio
}

const RANK: Record<Verdict['level'], number> = { ok: 0, unknown: 1, warn: 2, critical: 3 }

function worstOf(verdicts: readonly Verdict[]): Verdict['level'] {
  return verdicts.reduce<Verdict['level']>(
    (worst, { level }) => (RANK[level] > RANK[worst] ? level : worst),
    'ok',
  )
}
