import { createServer, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import websocket from '@fastify/websocket'
import { Ajv } from 'ajv'
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import type { Alerts } from './alerts/alerts.ts'
import type { Fleet } from './fleet/fleet.ts'
import type { History } from './history/history.ts'
import { ReportIntake } from './intake/report-intake.ts'
import { reportsRoute } from './intake/reports-route.ts'
import type { Knob } from './knob/knob.ts'
import { fleetMetrics } from './metrics/fleet-metrics.ts'
import { alertRoutes } from './routes/alert-routes.ts'
import { annotationRoutes } from './routes/annotation-routes.ts'
import { ApiError, handleError } from './routes/api-error.ts'
import { budgetRoutes } from './routes/budget-routes.ts'
import { dashboardRoutes } from './routes/dashboard-routes.ts'
import { embedRoutes } from './routes/embed-routes.ts'
import { fleetRoutes } from './routes/fleet-routes.ts'
import { healthRoutes } from './routes/health-routes.ts'
import { historyRoutes } from './routes/history-routes.ts'
import { knobRoutes } from './routes/knob-routes.ts'
import { sessionRoute } from './routes/session-route.ts'
import { traceRoutes } from './routes/trace-routes.ts'
import { Access, type AccessOptions } from './security/access.ts'
import type { LiveHub } from './stream/live-hub.ts'
import { liveRoute } from './stream/live-route.ts'

/** What the app is made of. */
export type AppOptions = {
  fleet: Fleet
  alerts: Alerts
  history: History
  /** Changes limits of running pools; null where that is switched off. */
  knob: Knob | null
  hub: LiveHub
  /** See `healthCompatibility` of the configuration. */
  healthCompatibility: boolean
  access: AccessOptions
  /** Origins whose pages may frame a card. */
  embedParents: readonly string[]
  version: string
  /** Folder of the built dashboard; null serves the API alone. */
  dashboardDir: string | null
  /** Nothing is taken in: what is served is a recording. */
  readOnly: boolean
  /** Most reports a second from one address; more protects a busier host less. */
  reportsPerSec: number
  logger: FastifyBaseLogger | false
}

const API_BODY_BYTES = 256 * 1024
/** Time for closing handshakes when the agent stops. */
const CLOSE_GRACE_MS = 200

/** Builds the agent's HTTP side. Listens on nothing. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const access = new Access(options.access)
  const intake = new ReportIntake({
    ...options,
    access,
    onError: (error) => app.log.error({ name: error.name }, 'report failed'),
  })
  const app = fastify({
    ...(options.logger === false ? { logger: false } : { loggerInstance: options.logger }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: API_BODY_BYTES,
    // A recording takes in no reports: they are refused like all that would change something.
    serverFactory: (handler) => httpServer(handler, options.readOnly ? null : intake),
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 300 },
  }).withTypeProvider<TypeBoxTypeProvider>()
  if (options.readOnly) app.addHook('onRequest', refuseChanges)
  validateBySchema(app)
  endSocketsOnClose(app)
  app.removeContentTypeParser('text/plain')
  app.setErrorHandler(handleError)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Poolscope', version: options.version, description: 'What every connection pool does.' },
    },
  })
  await app.register(reportsRoute(intake))
  await app.register(async (web) => webRoutes(web, options, access))
  return app
}

/** The server under the framework: reports go past it, as they need none of it. */
function httpServer(handler: RequestListener, intake: ReportIntake | null): Server {
  const timeouts = { requestTimeout: 10_000, keepAliveTimeout: 72_000 }
  if (intake === null) return createServer(timeouts, handler)
  return createServer(timeouts, (request, response) => {
    if (intake.isFor(request)) intake.handle(request, response)
    else handler(request, response)
  })
}

/** All that people, browsers and scrapers ask for. */
async function webRoutes(web: FastifyInstance, options: AppOptions, access: Access): Promise<void> {
  const { fleet, alerts, history, hub, version } = options
  web.setNotFoundHandler(() => {
    throw new ApiError('not_found', 'There is nothing at this address.')
  })
  await web.register(rateLimit, rateLimits)
  await web.register(cookie)
  web.addHook('onRequest', access.check.bind(access))
  await web.register(helmet, securityHeaders)
  await web.register(websocket, { options: { maxPayload: 65_536, perMessageDeflate: false } })
  await web.register(
    async (api) => {
      api.addHook('onSend', (_request, reply, payload, done) => {
        if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store')
        done(null, payload)
      })
      await api.register(fleetRoutes(fleet))
      await api.register(traceRoutes(fleet))
      const { token, now } = options.access
      await api.register(embedRoutes(fleet, { token, parents: options.embedParents, now }))
      await api.register(budgetRoutes(fleet))
      await api.register(knobRoutes(options.knob))
      await api.register(historyRoutes(history, () => fleet.nowMs))
      await api.register(annotationRoutes(history.annotations, () => fleet.nowMs))
      await api.register(alertRoutes(alerts))
      api.get('/openapi.json', { schema: { hide: true } }, () => web.swagger())
    },
    { prefix: '/api/v1' },
  )
  sessionRoute(web, access)
  await web.register(async (live) => liveRoute(live, hub))
  healthRoutes(web, fleet, options.healthCompatibility)
  web.get('/metrics', { schema: { summary: 'Prometheus text' } }, (_request, reply) => {
    const agent = {
      version,
      liveClients: hub.clients,
      endedClientsTotal: hub.endedTotal,
      history: history.status(),
    }
    void reply
      .type('text/plain; version=0.0.4; charset=utf-8')
      .send(fleetMetrics(fleet, alerts.list(null), agent))
  })
  if (options.dashboardDir !== null) {
    const { dashboardDir: dir, embedParents } = options
    await dashboardRoutes(web, dir, { helmet: framedBy(embedParents) })
  }
}

/** Hook of an agent that replays: whatever would change something is refused, but for signing in. */
function refuseChanges(request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void {
  const isReading = ['GET', 'HEAD', 'OPTIONS'].includes(request.method)
  if (isReading || request.routeOptions.url === '/api/v1/session') done()
  else done(new ApiError('read_only', 'This agent replays a recording and takes in nothing.'))
}

/**
 * Upgraded sockets, and those whose upgrade was refused, are no longer in the HTTP server's care; without this one
 * silent client could hold up the end of the agent for ever.
 */
function endSocketsOnClose(app: FastifyInstance): void {
  const sockets = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  app.addHook('preClose', (done) => {
    const end = () => {
      for (const socket of sockets) socket.destroy()
    }
    setTimeout(end, CLOSE_GRACE_MS).unref()
    done()
  })
}

/** Bodies are taken as they are; only what comes as text in a URL is read as a number. */
function validateBySchema(app: FastifyInstance): void {
  const strict = new Ajv({ coerceTypes: false, allErrors: false, removeAdditional: false })
  const text = new Ajv({ coerceTypes: 'array', allErrors: false, removeAdditional: false })
  app.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? strict : text).compile(schema as object),
  )
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
}

const rateLimits = {
  global: false,
  // A sender needs to know only when it may come again.
  addHeaders: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
  addHeadersOnExceeding: {
    'x-ratelimit-limit': false,
    'x-ratelimit-remaining': false,
    'x-ratelimit-reset': false,
  },
  errorResponseBuilder: () => new ApiError('rate_limited', 'Too many requests; slow down.'),
}

/** The headers of a page that others may show in a frame. */
function framedBy(parents: readonly string[]) {
  const { directives } = securityHeaders.contentSecurityPolicy
  const frameAncestors = parents.length === 0 ? directives.frameAncestors : [...parents]
  return {
    ...securityHeaders,
    contentSecurityPolicy: { useDefaults: false, directives: { ...directives, frameAncestors } },
    // It knows of no list, and a browser that reads the policy ignores it.
    xFrameOptions: false as const,
  }
}

const securityHeaders = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      manifestSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  referrerPolicy: { policy: 'no-referrer' as const },
  hsts: false,
  xFrameOptions: { action: 'deny' as const },
}
