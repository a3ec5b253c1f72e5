import { createHmac } from 'node:crypto'
import type { Alert, Severity } from '@poolscope/protocol'
import { eventually, tempDir } from '@poolscope/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import type { Transition } from '../src/alerts/engine.ts'
import type { NotifierConfig } from '../src/alerts/notifiers/notifier.ts'
import { Notifiers, type NotifiersOptions } from '../src/alerts/notifiers/notifiers.ts'
import { slackText } from '../src/alerts/notifiers/slack.ts'
import { type Receiver, startReceiver } from './http-receiver.ts'

const SECRET = 'a-secret-of-the-webhook'
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function receiver(): Promise<Receiver> {
  const started = await startReceiver()
  closers.push(started.stop)
  return started
}

function notifiers(configs: NotifierConfig[], over: Partial<NotifiersOptions> = {}): Notifiers {
  const made = new Notifiers({
    configs,
    publicUrl: 'https://poolscope.example.com',
    dir: null,
    now: Date.now,
    random: () => 0.5,
    onError: (error) => {
      throw error
    },
    retry: { firstMs: 5, longestMs: 20, giveUpMs: 60_000 },
    ...over,
  })
  closers.push(() => made.close())
  return made
}

const webhook = (url: string, atLeast: Severity = 'warn'): NotifierConfig => ({
  name: 'hook',
  type: 'webhook',
  url,
  secret: SECRET,
  atLeast,
})
const slack = (url: string): NotifierConfig => ({ name: 'chat', type: 'slack', url, atLeast: 'warn' })
const alertmanager = (url: string): NotifierConfig => ({
  name: 'am',
  type: 'alertmanager',
  url,
  atLeast: 'warn',
})

function news(over: Partial<Transition> = {}, alert: Partial<Alert> = {}): Transition {
  const severity = over.severity ?? 'critical'
  const kind = over.kind ?? 'firing'
  return {
    id: `leak-1:${kind === 'resolved' ? 'resolved' : severity}`,
    kind,
    severity,
    opened: { rule: 'leak', subject: 'checkout.orders-1' },
    ...over,
    alert: {
      id: 'leak-1',
      rule: 'leak',
      title: 'Leak',
      guide: 'rules.md#leak',
      severity,
      state: kind === 'resolved' ? 'resolved' : 'firing',
      subjectKind: 'group',
      subject: 'checkout.orders-1',
      subjectName: 'checkout / orders',
      sinceMs: 1_700_000_000_000,
      firedMs: 1_700_000_030_000,
      resolvedMs: kind === 'resolved' ? 1_700_000_090_000 : null,
      message: '2 connections are held & not used <now>.',
      evidence: { facts: [], holders: [] },
      remedy: 'Release it.',
      symptoms: [],
      acknowledgedMs: null,
      silenceId: null,
      flapping: false,
      blackBox: false,
      ...alert,
    },
  }
}

/** A moment in which nothing more may come, after what is waited for came. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 60))

describe('a webhook', () => {
  it('gets the alert, signed over time and body', async () => {
    const to = await receiver()
    notifiers([webhook(`${to.url}/hook`)]).notify(news())
    await eventually(() => expect(to.got).toHaveLength(1))
    const [{ path, headers, body }] = to.got as [Receiver['got'][number]]
    const timestamp = String(headers['x-poolscope-timestamp'])
    expect(path).toBe('/hook')
    expect(headers['x-poolscope-signature']).toBe(
      `v1=${createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex')}`,
    )
    expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60)
    expect(headers['idempotency-key']).toBe('leak-1:critical')
    expect(JSON.parse(body)).toMatchObject({
      version: 1,
      kind: 'firing',
      alert: { rule: 'leak' },
      url: 'https://poolscope.example.com/alerts/leak-1',
    })
    expect(body).not.toContain(SECRET)
  })

  it('is tried again until it takes the news, and in order', async () => {
    const to = await receiver()
    to.answers.push({ status: 500 }, { status: 503 }, { status: 429, headers: { 'retry-after': '0' } })
    const made = notifiers([webhook(to.url)])
    made.notify(news())
    made.notify(news({ kind: 'resolved' }))
    await eventually(() => expect(to.got).toHaveLength(5))
    expect(to.got.map(({ headers }) => headers['idempotency-key'])).toEqual([
      ...Array(4).fill('leak-1:critical'),
      'leak-1:resolved',
    ])
    await eventually(() =>
      expect(made.status()).toMatchObject([
        { sentTotal: 2, failedTotal: 3, droppedTotal: 0, queued: 0, error: null },
      ]),
    )
  })

  it('is told once of one transition, however often it is announced', async () => {
    const to = await receiver()
    const made = notifiers([webhook(to.url)])
    for (let i = 0; i < 3; i++) made.notify(news())
    await eventually(() => expect(made.status()).toMatchObject([{ sentTotal: 1 }]))
    made.notify(news())
    await settled()
    expect(to.got).toHaveLength(1)
  })

  it('is not asked again when it refuses, and the failure is shown without its address', async () => {
    const to = await receiver()
    to.answers.push({ status: 403 })
    const made = notifiers([webhook(`${to.url}/token-in-the-path`)])
    made.notify(news())
    await eventually(() => expect(made.status()).toMatchObject([{ droppedTotal: 1, queued: 0 }]))
    expect(made.status()[0]?.error?.message).toBe('answered 403')
    expect(to.got).toHaveLength(1)
  })

  it('is given up when it cannot be reached for too long, and says with which code', async () => {
    const gone = await receiver()
    await gone.stop()
    let atMs = 0
    const made = notifiers([webhook(gone.url)], {
      now: () => (atMs += 1000),
      retry: { firstMs: 1, longestMs: 1, giveUpMs: 10_000 },
    })
    made.notify(news())
    await eventually(() => expect(made.status()).toMatchObject([{ droppedTotal: 1, queued: 0 }]))
    const [status] = made.status()
    expect(status?.error?.message).toBe('failed with ECONNREFUSED')
    expect(status?.failedTotal).toBeGreaterThan(1)
    expect(JSON.stringify(status)).not.toContain('127.0.0.1')
  })

  it('that hangs holds nobody up', async () => {
    const [slow, quick] = [await receiver(), await receiver()]
    slow.answers.push('hang')
    const made = notifiers([webhook(slow.url), slack(quick.url)])
    made.notify(news())
    await eventually(() =>
      expect(made.status()).toMatchObject([{ sentTotal: 0, queued: 1 }, { sentTotal: 1 }]),
    )
    expect(quick.got).toHaveLength(1)
  })

  it('follows no redirect', async () => {
    const [to, elsewhere] = [await receiver(), await receiver()]
    to.answers.push({ status: 302, headers: { location: elsewhere.url } })
    notifiers([webhook(to.url)]).notify(news())
    await eventually(() => expect(to.got.length).toBeGreaterThan(1))
    expect(elsewhere.got).toEqual([])
  })

  it('hears only of what matters enough, the end included', async () => {
    const to = await receiver()
    const made = notifiers([webhook(to.url, 'critical')])
    made.notify(news({ severity: 'warn' }))
    made.notify(news({ id: 'leak-1:critical', kind: 'worse', severity: 'critical' }))
    // It calmed down before it ended; who was woken is told.
    made.notify(news({ kind: 'resolved', severity: 'critical' }, { severity: 'warn' }))
    await eventually(() => expect(to.got).toHaveLength(2))
  })

  it('gets after a restart what it did not get before, and nothing twice', async () => {
    const to = await receiver()
    const dir = await tempDir()
    closers.push(() => dir.stop())
    to.answers.push({ status: 200 }, ...Array(50).fill({ status: 500 }))
    const first = notifiers([webhook(to.url)], { dir: dir.path })
    first.notify(news())
    await eventually(() => expect(first.status()).toMatchObject([{ sentTotal: 1 }]))
    first.notify(news({ kind: 'resolved' }))
    await eventually(() =>
      expect(first.status()).toMatchObject([{ queued: 1, failedTotal: expect.any(Number) }]),
    )
    await first.close()
    to.answers.length = 0
    to.got.length = 0

    const second = notifiers([webhook(to.url)], { dir: dir.path })
    second.notify(news())
    await eventually(() => expect(to.got).toHaveLength(1))
    await settled()
    expect(to.got.map(({ headers }) => headers['idempotency-key'])).toEqual(['leak-1:resolved'])
  })
})

describe('Slack', () => {
  it('gets a text that cannot be made to hold links or marks of others', async () => {
    const to = await receiver()
    notifiers([slack(to.url)]).notify(news())
    await eventually(() => expect(to.got).toHaveLength(1))
    const { text } = JSON.parse(to.got[0]?.body ?? '') as { text: string }
    expect(text.split('\n')).toEqual([
      '*<https://poolscope.example.com/alerts/leak-1|Alert (critical): Leak, checkout / orders>*',
      '2 connections are held &amp; not used &lt;now&gt;.',
      '_Release it._',
    ])
  })

  it('is told of the end in two lines, without a link where the address is not known', () => {
    expect(slackText(news({ kind: 'resolved' }), null).split('\n')).toHaveLength(2)
  })

  it('gets one message a second', async () => {
    const to = await receiver()
    const made = notifiers([slack(to.url)])
    made.notify(news())
    made.notify(news({ kind: 'resolved' }))
    await eventually(() => expect(to.got).toHaveLength(2))
    const [first, second] = to.got as [Receiver['got'][number], Receiver['got'][number]]
    expect(second.atMs - first.atMs).toBeGreaterThanOrEqual(990)
  })
})

describe('an Alertmanager', () => {
  const alertsIn = ({ body }: { body: string }) =>
    JSON.parse(body) as {
      labels: Record<string, string>
      startsAt: string
      endsAt: string
      annotations: Record<string, string>
    }[]

  it('gets labels that are the identity, texts as annotations, and an end in the future', async () => {
    const to = await receiver()
    notifiers([alertmanager(`${to.url}/`)]).notify(news())
    await eventually(() => expect(to.got).toHaveLength(1))
    expect(to.got[0]?.path).toBe('/api/v2/alerts')
    const [alert] = alertsIn(to.got[0] as Receiver['got'][number])
    expect(alert).toMatchObject({
      labels: { alertname: 'leak', severity: 'critical', poolscope_subject: 'checkout.orders-1' },
      annotations: { summary: 'Leak: checkout / orders', remedy: 'Release it.' },
      startsAt: '2023-11-14T22:13:20.000Z',
      generatorURL: 'https://poolscope.example.com/alerts/leak-1',
    })
    expect(Date.parse(alert?.endsAt ?? '')).toBeGreaterThan(Date.now())
    expect(Object.keys(alert?.labels ?? {})).toHaveLength(3)
  })

  it('keeps the name of the first finding, so that a deeper cause is no second page', async () => {
    const to = await receiver()
    notifiers([alertmanager(to.url)]).notify(news({ opened: { rule: 'exhaustion', subject: 's' } }))
    await eventually(() => expect(to.got).toHaveLength(1))
    expect(alertsIn(to.got[0] as Receiver['got'][number])[0]?.labels.alertname).toBe('exhaustion')
  })

  it('is told the end of the lesser alert when it becomes worse, and of both severities afterwards', async () => {
    const to = await receiver()
    const made = notifiers([alertmanager(to.url)])
    made.notify(news({ kind: 'worse' }))
    await eventually(() => expect(to.got).toHaveLength(1))
    const ends = alertsIn(to.got[0] as Receiver['got'][number]).map(({ labels, endsAt }) => [
      labels.severity,
      Date.parse(endsAt) > Date.now(),
    ])
    expect(Object.fromEntries(ends)).toEqual({ info: false, warn: false, critical: true })
  })

  it('is reminded once a minute of what fires, and a while of what is over', async () => {
    const to = await receiver()
    let atMs = Date.now()
    const made = notifiers([alertmanager(to.url)], { now: () => atMs })
    made.notify(news())
    await eventually(() => expect(made.status()).toMatchObject([{ sentTotal: 1 }]))
    made.remind(() => [news()])
    atMs += 59_000
    made.remind(() => [news()])
    await eventually(() => expect(made.status()).toMatchObject([{ sentTotal: 2 }]))
    made.notify(news({ kind: 'resolved' }))
    await eventually(() => expect(made.status()).toMatchObject([{ sentTotal: 3 }]))
    atMs += 60_000
    made.remind(() => [])
    await eventually(() => expect(to.got).toHaveLength(4))
    const last = alertsIn(to.got[3] as Receiver['got'][number])
    expect(last).toHaveLength(1)
    expect(Date.parse(last[0]?.endsAt ?? '')).toBeLessThanOrEqual(atMs)
    await eventually(() => expect(made.status()).toMatchObject([{ sentTotal: 4 }]))
    atMs += 400_000
    made.remind(() => [])
    await settled()
    expect(to.got).toHaveLength(4)
  })

  it('is tried again after a failure', async () => {
    const to = await receiver()
    to.answers.push({ status: 500 }, { status: 500 })
    const made = notifiers([alertmanager(to.url)])
    made.notify(news())
    await eventually(() =>
      expect(made.status()).toMatchObject([{ sentTotal: 1, failedTotal: 2, error: null }]),
    )
    expect(to.got).toHaveLength(3)
  })

  it('is given credentials in a header, never in the address', async () => {
    const to = await receiver()
    notifiers([alertmanager(to.url.replace('http://', 'http://user:p%40ss@'))]).notify(news())
    await eventually(() => expect(to.got).toHaveLength(1))
    expect(to.got[0]?.headers.authorization).toBe(`Basic ${Buffer.from('user:p@ss').toString('base64')}`)
  })
})
