import { checkModel, lines, type Recipe } from './paste-model.ts'

/** Calls that a server commonly lets run at the same time over one connection. */
const STREAMS_PER_CONNECTION = 100

/** @grpc/grpc-js, whose channel carries many calls over one connection. */
export const grpcRecipe: Recipe = {
  id: 'grpc',
  title: 'gRPC (@grpc/grpc-js)',
  write: (model) => {
    const { max, idleTimeoutMs } = checkModel(model)
    return [
      {
        file: 'channels.js',
        language: 'js',
        text: lines(
          "import { Client, credentials } from '@grpc/grpc-js'",
          '',
          `const CHANNELS = ${Math.ceil(max / STREAMS_PER_CONNECTION)} // for ${max} calls at the same time, ${STREAMS_PER_CONNECTION} on each`,
          'const options = {',
          "  'grpc.keepalive_time_ms': 30000,",
          "  'grpc.keepalive_timeout_ms': 5000,",
          "  'grpc.keepalive_permit_without_calls': 1,",
          `  'grpc.client_idle_timeout_ms': ${Math.max(1000, idleTimeoutMs)},`,
          '  // Otherwise channels with the same options share one connection.',
          "  'grpc.use_local_subchannel_pool': 1,",
          '}',
          'export const clients = Array.from(',
          '  { length: CHANNELS },',
          '  () => new Client(process.env.GRPC_TARGET, credentials.createInsecure(), options),',
          ')',
          'let next = 0',
          'export const client = () => clients[next++ % CHANNELS]',
        ),
      },
    ]
  },
  notes: [
    'A channel is no pool: calls share its connection, and beyond what the server lets run at once they wait in it. Put your generated client in the place of Client.',
    'Waiting ends with the deadline of the call; give each one.',
    'Limits on message size have nothing to do with pooling; unlimited ones let one answer take all memory.',
  ],
}
