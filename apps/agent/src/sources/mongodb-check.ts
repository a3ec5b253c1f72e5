import { type CheckItem, fine } from './check.ts'

/** What a user was found to be refused. */
export type MongodbRefusals = { operations: boolean; replication: boolean }

/** The role that watching needs and nothing more. */
const ROLE =
  'db.getSiblingDB("admin").createRole({ role: "poolscope", roles: [], privileges: [{ resource: { cluster: true }, actions: ["serverStatus", "inprog", "replSetGetStatus"] }] })'

/**
 * What the user of this session may read, and the command for each right that is missing.
 * @param user null where nobody logged in
 */
export function checkMongodb(user: string | null, isMember: boolean, refused: MongodbRefusals): CheckItem[] {
  const right = (what: string, missing: boolean, state: CheckItem['state'], means: string): CheckItem =>
    missing ? { what, state, message: means, fix: grant(user) } : fine(what, 'May be read.')
  return [
    user === null ? nobody() : fine('user', `${user} is logged in.`),
    fine('connections', 'May be read.'),
    right(
      'sessions of all users',
      refused.operations,
      'missing',
      'Connections are counted, but what each does may not be read (inprog).',
    ),
    ...(isMember
      ? [right('replication', refused.replication, 'advice', 'Delays of replication may not be read.')]
      : []),
    {
      what: 'reserved door',
      state: 'advice',
      message:
        'A full server keeps a held connection and hangs up on a new one, unless its file lets the host of the agent in all the same.',
      fix: ['net: { maxIncomingConnectionsOverride: ["<address of the agent>/32"] }'],
    },
  ]
}

function nobody(): CheckItem {
  return {
    what: 'user',
    state: 'advice',
    message: 'Nobody logged in: this server lets anybody do anything.',
    fix: [
      ROLE,
      'db.getSiblingDB("admin").createUser({ user: "poolscope", pwd: passwordPrompt(), roles: ["poolscope"] })',
    ],
  }
}

function grant(user: string | null): string[] {
  const name = JSON.stringify(user ?? 'poolscope')
  return [ROLE, `db.getSiblingDB("admin").grantRolesToUser(${name}, [{ role: "poolscope", db: "admin" }])`]
}
