import type { Advice, AdviceItem } from '@poolscope/protocol'
import { useAdviceQuery } from '../api/alerts.ts'
import { ADVICE_LISTS, ADVICE_QUERY, type AdviceQuery, ANSWERS } from '../lib/advice-query.ts'
import { useDocumentTitle } from '../lib/document-title.ts'
import { formatCount, formatDateTime } from '../lib/format.ts'
import { useQueryState } from '../lib/query-state.ts'
import { useFleet } from '../live/hooks.ts'
import { AdviceList, ANSWER_WORDS } from '../panels/AdviceList.tsx'
import { AdviceSubjectCard } from '../panels/AdviceSubjectCard.tsx'
import { Failed } from '../panels/Failed.tsx'
import { ScoreBar } from '../panels/ScoreBar.tsx'
import { nameOfSubject } from '../panels/subject-name.ts'
import { Button } from '../ui/Button.tsx'
import { Chip, ChipSet } from '../ui/Chip.tsx'
import { Notice } from '../ui/Notice.tsx'
import { Select } from '../ui/Select.tsx'
import { Skeleton } from '../ui/Skeleton.tsx'
import { StatusShape } from '../ui/StatusMark.tsx'
import styles from './AdvicePage.module.css'

const LIST_WORDS: Readonly<Record<AdviceQuery['list'], string>> = {
  checklist: 'Checklist',
  'anti-patterns': 'Anti-patterns',
  questions: 'Review questions',
}

/** "What should we change, and what does that rest on?" */
export function AdvicePage() {
  const { data, error, refetch } = useAdviceQuery()
  useDocumentTitle('Advice')
  if (data === undefined) {
    if (error !== null) return <Failed what="the advice" error={error} retry={() => void refetch()} />
    return <Skeleton what="the advice" rows={12} />
  }
  return (
    <>
      <div className={styles.head}>
        <h1>Advice</h1>
        <Button className={styles.print} onClick={() => window.print()}>
          Print
        </Button>
      </div>
      {error !== null && (
        <p role="status">
          <StatusShape status="critical" /> Could not ask again: {error.message} What you see is from{' '}
          {formatDateTime(data.atMs)}.
        </p>
      )}
      {data.subjects.length === 0 ? (
        <Notice title="Nothing to advise on" level={2}>
          <p>
            No pool has reported, and the agent was given no server. What is not watched cannot be judged.
          </p>
        </Notice>
      ) : (
        <Known advice={data} />
      )}
    </>
  )
}

function Known({ advice }: { advice: Advice }) {
  const fleet = useFleet()
  const [query, setQuery] = useQueryState(ADVICE_QUERY)
  const subject = advice.subjects.find(({ id }) => id === query.about)
  const items = itemsOf(advice, subject?.checklist, query.list)
  const shown = items.filter(({ state }) => query.answer.length === 0 || query.answer.includes(state))
  const subjects = subject === undefined ? advice.subjects : [subject]
  return (
    <>
      <section className={styles.score} aria-label="Score">
        <ScoreBar score={(subject ?? advice).score} />
        <p className={styles.how}>
          The score is what is in order as a part of all that can be checked. What could not be known counts
          as not in order: hiding data does not raise it. What nobody can see by watching, such as tests,
          counts neither way. As of {formatDateTime(advice.atMs)}.
        </p>
      </section>
      <div className={styles.filters}>
        <Select
          label="About"
          value={subject?.id ?? ''}
          options={[
            { value: '', label: 'All services and servers' },
            ...advice.subjects.map(({ kind, id, name }) => ({ value: id, label: `${kind} ${name}` })),
          ]}
          onChange={(about) => setQuery({ about })}
        />
        <ChipSet legend="List">
          {ADVICE_LISTS.map((list) => (
            <Chip key={list} pressed={query.list === list} onPress={() => setQuery({ list })}>
              {LIST_WORDS[list]}
            </Chip>
          ))}
        </ChipSet>
        <ChipSet legend="Filter by answer">
          {ANSWERS.map((answer) => (
            <Chip
              key={answer}
              pressed={query.answer.includes(answer)}
              onPress={() => setQuery({ answer: toggled(query.answer, answer) })}
            >
              <StatusShape status={ANSWER_WORDS[answer].mark} />
              <span>
                <strong>{formatCount(items.filter(({ state }) => state === answer).length)}</strong>{' '}
                {ANSWER_WORDS[answer].word}
              </span>
            </Chip>
          ))}
        </ChipSet>
      </div>
      <div className={styles.columns}>
        <section aria-label={LIST_WORDS[query.list]} className={styles.list}>
          <h2 className={styles.heading}>
            {LIST_WORDS[query.list]}
            {subject !== undefined && query.list === 'checklist' && ` of ${subject.name}`}
          </h2>
          {subject !== undefined && query.list !== 'checklist' && (
            <p className={styles.how}>This list is answered for all services and servers together.</p>
          )}
          {shown.length === 0 ? (
            <p className={styles.how}>
              None of the {formatCount(items.length)} items has this answer.{' '}
              <Button look="quiet" onClick={() => setQuery({ answer: [] })}>
                Show all
              </Button>
            </p>
          ) : (
            <AdviceList items={shown} />
          )}
        </section>
        <section aria-label="Services and servers" className={styles.list}>
          <h2 className={styles.heading}>What was found</h2>
          {subjects.map((one) => (
            <AdviceSubjectCard
              key={`${one.kind} ${one.id}`}
              subject={one}
              nameOf={(id) => nameOfSubject(fleet, id)}
            />
          ))}
        </section>
      </div>
    </>
  )
}

function itemsOf(
  advice: Advice,
  checklist: readonly AdviceItem[] | undefined,
  list: AdviceQuery['list'],
): readonly AdviceItem[] {
  if (list === 'anti-patterns') return advice.antiPatterns
  return list === 'questions' ? advice.reviewQuestions : (checklist ?? advice.checklist)
}

function toggled(answers: AdviceQuery['answer'], answer: AdviceItem['state']): AdviceQuery['answer'] {
  return answers.includes(answer) ? answers.filter((one) => one !== answer) : [...answers, answer]
}
