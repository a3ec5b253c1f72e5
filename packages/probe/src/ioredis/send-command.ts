import { quietly } from '../core/replace.ts'
import { captureStack } from '../core/stack.ts'
import { Call, type Calls, isBlocking } from './calls.ts'
import type { Connection } from './client.ts'
import { CALL, type RedisClient, type RedisCommand } from './shape.ts'

type SendCommand = RedisClient['sendCommand']

/**
 * A client's `sendCommand`, measured: every command goes through it, and once more when it leaves the offline queue or
 * is sent again. The driver's tracing channel does not tell which client a command belongs to, begins after the offline
 * queue, and makes the driver copy every argument.
 * @param own the method that the client itself had instead of its class's
 */
export function measuredSendCommand(
  own: SendCommand | undefined,
  current: () => Connection,
  onFault: () => void,
): SendCommand {
  return function sendCommand(this: RedisClient, command: RedisCommand, ...rest: unknown[]): unknown {
    const original = own ?? (Object.getPrototypeOf(this) as RedisClient).sendCommand
    const connection = current()
    if (connection.meter.ended) return original.call(this, command, ...rest)
    let call: Call | null = null
    try {
      call = begin(this, command, connection, sendCommand)
    } catch {
      onFault()
    }
    try {
      return original.call(this, command, ...rest)
    } catch (error) {
      if (call !== null) connection.calls.giveUp(call, false)
      throw error
    } finally {
      try {
        sent(this, command, connection, call, sendCommand)
      } catch {
        onFault()
      }
    }
  }
}

/** @returns `null` for what the driver itself sends to set up a connection, which is no command of a caller */
function begin(
  redis: RedisClient,
  command: RedisCommand,
  connection: Connection,
  above: SendCommand,
): Call | null {
  const known = command[CALL]
  if (known !== undefined) {
    if (known.written) connection.calls.again(known)
    return known
  }
  return redis.status === 'connect' ? null : follow(command, connection, above)
}

function sent(
  redis: RedisClient,
  command: RedisCommand,
  connection: Connection,
  begun: Call | null,
  above: SendCommand,
): void {
  let call = begun
  // While a connection is set up, only what has to wait is a command of a caller.
  if (call === null && redis.offlineQueue.peekBack()?.command === command) {
    call = follow(command, connection, above)
  }
  if (call === null || command[CALL] !== call) return
  connection.follow()
  if (redis.commandQueue.peekBack()?.command === command) connection.calls.write(call)
  else connection.calls.wait(call)
}

/** Notices the end of a command, which the driver announces by these two functions alone. */
function follow(command: RedisCommand, connection: Connection, above: SendCommand): Call {
  const { calls, meter } = connection
  const call = new Call(isBlocking(command), meter.sampler.next() ? captureStack(above) : null)
  const { resolve, reject } = command
  command[CALL] = call
  command.resolve = (value: unknown) => {
    try {
      done(command, call, calls)
    } catch {
      // The host must not notice.
    }
    return resolve.call(command, value)
  }
  command.reject = (error: unknown) => {
    quietly(() => {
      if (command[CALL] !== call) return
      if (!isReply(error)) calls.giveUp(call, isTimeout(error))
      // After a time-out the command is still sent, and its reply still comes: so long the connection is busy with it.
      if (!isTimeout(error)) done(command, call, calls)
    })
    return reject.call(command, error)
  }
  return call
}

function done(command: RedisCommand, call: Call, calls: Calls): void {
  if (command[CALL] !== call) return
  calls.finish(call)
  // Taking the property away would turn the command into a dictionary, which costs more than all the rest.
  command[CALL] = undefined
}

function isReply(error: unknown): boolean {
  return (error as { name?: unknown } | null)?.name === 'ReplyError'
}

/** The text by which the driver tells a caller that gave up; it gives this error no code. */
function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'Command timed out'
}
