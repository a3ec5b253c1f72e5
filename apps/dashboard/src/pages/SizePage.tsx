import type { GroupDetail, History, Knob } from '@poolscope/protocol'
import { PASTE_DEFAULTS } from '@poolscope/sizing'
import { useMemo, useState } from 'react'
import { Link } from 'wouter'
import { useKnobQuery } from '../api/knob.ts'
import { useGroupHistoryQuery, useGroupQuery, useServerQuery } from '../api/queries.ts'
import { useDocumentTitle } from '../lib/document-title.ts'
import { groupHref, turnHref } from '../lib/href.ts'
import { isEmpty, readForm } from '../lib/size-form.ts'
import { factsOf, type PoolFacts } from '../lib/size-measured.ts'
import { answerOf, asksForOther } from '../lib/size-model.ts'
import { SIZE_FIELD_KEYS, SIZE_FIELDS, type SizeQuery } from '../lib/size-query.ts'
import { usePainted } from '../lib/use-painted.ts'
import { useSizeQuery } from '../lib/use-size-query.ts'
import { useFleet } from '../live/hooks.ts'
import { SizeBudget } from '../panels/SizeBudget.tsx'
import { SizeCharts } from '../panels/SizeCharts.tsx'
import { SizeClasses } from '../panels/SizeClasses.tsx'
import { SizeFields } from '../panels/SizeFields.tsx'
import { SizeFormulas } from '../panels/SizeFormulas.tsx'
import { SizeMemory } from '../panels/SizeMemory.tsx'
import { SizePaste } from '../panels/SizePaste.tsx'
import { SizePresets } from '../panels/SizePresets.tsx'
import { type Replayed, SizeReplay } from '../panels/SizeReplay.tsx'
import { SizeVerdict } from '../panels/SizeVerdict.tsx'
import { Button } from '../ui/Button.tsx'
import { Select } from '../ui/Select.tsx'
import styles from './SizePage.module.css'

/** Every number gone; the library that is looked at stays. */
const NOTHING: Partial<SizeQuery> = {
  ...Object.fromEntries(SIZE_FIELD_KEYS.map((key) => [key, ''])),
  pool: '',
  server: '',
}

/** "What size should this pool be?" */
export function SizePage() {
  const [query, change] = useSizeQuery()
  const facts = usePoolFacts(query.pool)
  const form = readForm(query, facts.value?.measured ?? null)
  const [replayed, setReplayed] = useState<Replayed | null>(null)
  const answer = answerOf(form, {
    replayAdvises: replayed?.advises ?? null,
    presentMax: facts.value?.maxNow ?? null,
  })
  const asksOther = asksForOther(form)
  const painted = usePainted()
  useDocumentTitle(facts.value?.name ?? '', 'Size')
  const empty = isEmpty(form)
  const wrong = SIZE_FIELD_KEYS.filter((key) => form[key].error !== null).flatMap(
    (key) => SIZE_FIELDS.get(key)?.label ?? [],
  )
  return (
    <>
      <header className={styles.header}>
        <h1>Size a pool</h1>
        <div className={styles.tools}>
          <PoolChoice pool={query.pool} onChoose={(pool) => change({ ...NOTHING, pool })} />
          <Button onClick={() => change(NOTHING)} disabled={empty && query.pool === ''}>
            Reset
          </Button>
        </div>
      </header>
      {query.pool === '' ? (
        <div className={styles.begin}>
          <p>
            {empty
              ? 'How many connections should a pool have? Load one of your pools above, begin with an example, or fill in what you know below. What you leave empty decides nothing.'
              : 'Examples fill in their numbers and leave the others as they are.'}
          </p>
          <SizePresets query={query} onChoose={change} />
        </div>
      ) : (
        <Loaded pool={query.pool} facts={facts} chosen={answer.chosen} />
      )}
      <div className={styles.columns}>
        <div className={styles.fields}>
          <SizeFields form={form} onChange={(key, text) => change({ [key]: text })} />
        </div>
        <div className={styles.verdict}>
          <SizeVerdict
            answer={answer}
            facts={facts.value}
            wrong={wrong}
            replayed={replayed}
            asksOther={asksOther}
            coresAssumed={form.cores.origin === 'assumed'}
          />
        </div>
        <div className={styles.more}>
          {query.pool !== '' && !facts.failed && (
            <SizeReplay
              key={query.pool}
              groupId={query.pool}
              source={facts.source}
              onReplayed={setReplayed}
              onTry={(size) => change({ size: String(size) })}
            />
          )}
          {painted && (
            <>
              {answer.curve !== null && (
                <SizeCharts
                  curve={answer.curve}
                  chosen={answer.chosen}
                  targetMs={form.target.value}
                  timeoutMs={form.timeout.value ?? PASTE_DEFAULTS.acquireTimeoutMs}
                  instances={form.instances.value ?? 1}
                />
              )}
              <SizeFormulas recommendation={answer.recommendation} busy={answer.curve?.busy ?? null} />
              {answer.paste !== null && (
                <SizePaste model={answer.paste} lib={query.lib} onChoose={(lib) => change({ lib })} />
              )}
              <SizeBudget
                serverId={query.server === '' ? (facts.value?.serverId ?? '') : query.server}
                surge={query.surge}
                lost={query.lost}
                onChange={change}
              />
              {answer.paste !== null && <SizeMemory connections={answer.paste.total} />}
              <SizeClasses chosen={answer.chosen} />
            </>
          )}
        </div>
      </div>
    </>
  )
}

type Facts = {
  value: PoolFacts | null
  /** What the facts are taken from. */
  source: { detail: GroupDetail; history: History } | null
  failed: boolean
  again: () => void
}

/** What is measured of a pool, as of when it was loaded: numbers that move under one's hands cannot be tried out. */
function usePoolFacts(pool: string): Facts {
  const enabled = pool !== ''
  const group = useGroupQuery(pool, { enabled })
  const history = useGroupHistoryQuery(pool, { enabled })
  const serverId = group.data?.group.serverId ?? null
  const server = useServerQuery(serverId ?? '', { enabled: serverId !== null })
  const ready = group.data !== undefined && history.data !== undefined && !server.isLoading
  const value = useMemo(
    () =>
      ready && group.data !== undefined && history.data !== undefined
        ? factsOf(group.data, history.data, server.data ?? null)
        : null,
    [ready, group.data, history.data, server.data],
  )
  const again = () => {
    for (const answer of [group, history]) answer.refetch()
    if (serverId !== null) server.refetch()
  }
  const latest = useMemo(
    () =>
      group.data === undefined || history.data === undefined
        ? null
        : { detail: group.data, history: history.data },
    [group.data, history.data],
  )
  // Not one of them anew and the other from before: each source is another replay.
  const settled = !group.isFetching && !history.isFetching
  const [source, setSource] = useState<Facts['source']>(null)
  if (settled && source !== latest) setSource(latest)
  return {
    value: enabled ? value : null,
    source: enabled && source?.detail.group.id === pool ? source : null,
    failed: group.error !== null || history.error !== null,
    again,
  }
}

function Loaded({ pool, facts, chosen }: { pool: string; facts: Facts; chosen: number | null }) {
  const knob = useKnobQuery(pool)
  if (facts.failed) {
    return (
      <p className={styles.begin}>That pool is not known to this agent, so that nothing of it is measured.</p>
    )
  }
  if (facts.value === null) return <p className={styles.begin}>Measuring …</p>
  return (
    <p className={styles.begin}>
      <span>
        Measured over the last minutes of <Link href={groupHref(pool)}>{facts.value.name}</Link>; what cannot
        be measured is assumed, as the cores are. Change any of it.
      </span>{' '}
      <Button onClick={facts.again}>Measure again</Button>
      {chosen !== null && mayBe(knob, chosen) && (
        <Link href={turnHref(pool, chosen)}>Set the running pool to {chosen}</Link>
      )}
    </p>
  )
}

/** Whether every instance that can be turned lets itself be turned to this. */
function mayBe(knob: Knob | null, max: number): boolean {
  const pools = knob?.pools ?? []
  return pools.length > 0 && pools.every(({ least, most }) => max >= least && max <= most)
}

function PoolChoice({ pool, onChoose }: { pool: string; onChoose: (id: string) => void }) {
  const { groups } = useFleet()
  const probed = groups.filter(({ origin }) => origin === 'probe')
  // A thousand choices take a while to lay out: the page stands before, all of it, with the chosen one alone.
  const stands = usePainted(usePainted())
  const offered = stands ? probed : probed.filter(({ id }) => id === pool)
  if (probed.length === 0) return null
  return (
    <Select
      label="Load a pool"
      value={pool}
      options={[
        { value: '', label: 'none' },
        ...offered.map(({ id, service, name }) => ({ value: id, label: `${service} / ${name}` })),
      ]}
      onChange={onChoose}
    />
  )
}
