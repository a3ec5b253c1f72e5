import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ReportReply } from '@poolscope/protocol'
import type { Fleet } from '../fleet/fleet.ts'
import type { Knob } from '../knob/knob.ts'
import { ApiError, errorAnswer } from '../routes/api-error.ts'
import type { Access } from '../security/access.ts'
import { checkReport } from './check-report.ts'
import { readJson } from './read-json.ts'
import { ReportBudget } from './report-budget.ts'

/** Where probes send their reports. */
export const REPORTS_URL = '/api/v1/reports'

/** What taking in reports needs. */
export type ReportIntakeOptions = {
  fleet: Fleet
  /** Wants limits changed; null where that is switched off. */
  knob: Knob | null
  access: Access
  /** Most reports a second from one address. */
  reportsPerSec: number
  /** Is told of what should not happen. */
  onError: (error: Error) => void
}

/**
 * Takes in what probes send, from the request to its answer. It speaks to node's server itself: reports are nearly all
 * that an agent is sent, and none of what a web framework does for a request is of use to them.
 */
export class ReportIntake {
  readonly #options: ReportIntakeOptions
  readonly #budget: ReportBudget

  constructor(options: ReportIntakeOptions) {
    this.#options = options
    this.#budget = new ReportBudget(options.reportsPerSec)
  }

  /** Whether a request is a report. */
  isFor({ method, url }: IncomingMessage): boolean {
    return url === REPORTS_URL && method === 'POST'
  }

  /** Answers a report. It is checked whole before anything is taken in; what is refused changes nothing. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    try {
      this.#admit(request, response)
    } catch (error) {
      this.#refuse(response, error as Error)
      return
    }
    readJson(request, (error, value) => {
      if (error !== null) this.#refuse(response, error)
      else this.#take(response, value)
    })
  }

  /** Decides before the body is read. @throws ApiError */
  #admit(request: IncomingMessage, response: ServerResponse): void {
    const { access, fleet } = this.#options
    access.checkSender(request)
    if (this.#budget.take(request.socket.remoteAddress ?? '', fleet.nowMs)) return
    response.setHeader('retry-after', 1)
    throw new ApiError('rate_limited', 'Too many reports from this address; slow down.')
  }

  #take(response: ServerResponse, value: unknown): void {
    const { fleet, knob } = this.#options
    let answer: ReportReply
    try {
      const report = checkReport(value)
      answer = fleet.takeReport(report)
      const setMax = knob?.wishes(report)
      if (setMax !== undefined) answer.setMax = setMax
    } catch (error) {
      this.#refuse(response, error as Error)
      return
    }
    sendJson(response, 200, answer)
  }

  #refuse(response: ServerResponse, error: Error): void {
    const [status, answer] = errorAnswer(error)
    if (answer.code === 'internal') this.#options.onError(error)
    // The rest of it is not going to be read.
    if (answer.code === 'payload_too_large') response.setHeader('connection', 'close')
    sendJson(response, status, answer)
  }
}

function sendJson(response: ServerResponse, status: number, answer: object): void {
  const json = JSON.stringify(answer)
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) })
    .end(json)
}
