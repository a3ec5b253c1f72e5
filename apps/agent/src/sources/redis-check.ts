import { type CheckItem, fine } from './check.ts'

/** What a user was found to be refused, by the command's own words. */
export type Refusals = { clients: boolean; slowlog: boolean; config: boolean; cluster: boolean }

/** What the user of this session may read, and the rule for each right that is missing. */
export function checkRedis(user: string, isCluster: boolean, refused: Refusals): CheckItem[] {
  const right = (what: string, missing: boolean, state: CheckItem['state'], rules: string, means: string) =>
    missing
      ? { what, state, message: means, fix: [`ACL SETUSER ${user} ${rules}`] }
      : fine(what, 'May be read.')
  return [
    ownUser(user),
    right(
      'clients',
      refused.clients,
      'missing',
      '+client|list',
      'Clients are counted, but what each does may not be read.',
    ),
    right('slow commands', refused.slowlog, 'advice', '+slowlog|get', 'The slow log may not be read.'),
    settings(user, refused.config),
    ...(isCluster
      ? [
          right(
            'nodes of the cluster',
            refused.cluster,
            'missing',
            '+cluster|info +cluster|nodes',
            'The other nodes may not be asked for: only this one is watched.',
          ),
        ]
      : []),
    {
      what: 'reserved door',
      state: 'advice',
      message: 'Redis has none: a full server keeps a held connection, but lets no new one in.',
      fix: [],
    },
  ]
}

function ownUser(user: string): CheckItem {
  if (user !== 'default') return fine('user', `${user} is a user of its own.`)
  return {
    what: 'user',
    state: 'advice',
    message: 'The default user may do far more than watching needs.',
    fix: [
      'ACL SETUSER poolscope on >… resetkeys resetchannels -@all +ping +info +client|list +client|setname +client|id +slowlog|get',
    ],
  }
}

/** CONFIG GET tells passwords as well, so that who leaves it out has a reason. */
function settings(user: string, refused: boolean): CheckItem {
  if (!refused) return fine('settings', 'May be read.')
  return {
    what: 'settings',
    state: 'advice',
    message:
      'Time-outs are not shown. The right to read them is also one to read requirepass and masterauth.',
    fix: [`ACL SETUSER ${user} +config|get`],
  }
}
