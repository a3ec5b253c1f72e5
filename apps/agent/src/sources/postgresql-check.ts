import { type CheckItem, fine } from './check.ts'
import { cleanName, quotedName } from './clean-name.ts'
import type { PostgresqlSession } from './postgresql-session.ts'

type RoleRow = {
  role: string
  database: string
  version: number
  superuser: boolean
  seesAll: boolean
  roleLimit: number
  reserved: number
  mayUseReserved: boolean
  preloaded: boolean | null
  extension: boolean
  readOnly: boolean
}

const ROLE_SQL = `/* poolscope */ SELECT current_user AS role, pg_catalog.current_database() AS database,
 pg_catalog.current_setting('server_version_num')::int AS version, r.rolsuper AS superuser,
 pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') AS "seesAll", r.rolconnlimit AS "roleLimit",
 coalesce(pg_catalog.current_setting('reserved_connections', true), '0')::int AS reserved,
 coalesce((SELECT pg_catalog.pg_has_role(oid, 'USAGE') FROM pg_catalog.pg_roles
  WHERE rolname = 'pg_use_reserved_connections'), false) AS "mayUseReserved",
 (SELECT setting ~ 'pg_stat_statements' FROM pg_catalog.pg_settings
  WHERE name = 'shared_preload_libraries') AS preloaded,
 EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'pg_stat_statements') AS extension,
 pg_catalog.current_setting('default_transaction_read_only')::bool AS "readOnly"
 FROM pg_catalog.pg_roles r WHERE r.rolname = current_user`

/** What the role of this session may read, and the statement for each right that is missing. */
export async function checkPostgresql(session: PostgresqlSession): Promise<CheckItem[]> {
  const [row] = await session.query<RoleRow>(ROLE_SQL)
  if (row === undefined) return []
  return [ownRole(row), sessions(row), statements(row), ownLimit(row), door(row)]
}

function ownRole({ superuser, role }: RoleRow): CheckItem {
  if (!superuser) return fine('role', `${cleanName(role)} is no superuser, and its sessions are read-only.`)
  return {
    what: 'role',
    state: 'advice',
    message: `${cleanName(role)} is a superuser, which may do far more than watching needs.`,
    fix: ["CREATE ROLE poolscope LOGIN PASSWORD '…' CONNECTION LIMIT 3;", 'GRANT pg_monitor TO poolscope;'],
  }
}

function sessions({ seesAll, role }: RoleRow): CheckItem {
  const what = 'sessions of all users'
  if (seesAll) return fine(what, 'State, waits and ages of every session may be read.')
  return {
    what,
    state: 'missing',
    message: 'Sessions of other users are counted, but their state may not be read.',
    fix: [`GRANT pg_monitor TO ${quotedName(role)};`],
  }
}

function statements({ extension, preloaded, database }: RoleRow): CheckItem {
  const what = 'slow statements'
  if (extension && preloaded !== false) return fine(what, 'pg_stat_statements is there.')
  const preload =
    preloaded === true
      ? []
      : [
          "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements';  -- then restart the server; keep what is listed there already",
        ]
  return {
    what,
    state: 'advice',
    message: `pg_stat_statements is not ready in database ${cleanName(database)}: statements are sampled from sessions instead.`,
    fix: [...preload, 'CREATE EXTENSION IF NOT EXISTS pg_stat_statements;'],
  }
}

function ownLimit({ roleLimit, role, superuser }: RoleRow): CheckItem {
  const what = 'its own limit'
  if (superuser || (roleLimit > 0 && roleLimit <= 10)) {
    return fine(what, superuser ? 'A superuser has none.' : `At most ${roleLimit} connections.`)
  }
  return {
    what,
    state: 'advice',
    message: 'Nothing keeps other programs with this password from taking every slot.',
    fix: [`ALTER ROLE ${quotedName(role)} CONNECTION LIMIT 3;`],
  }
}

/** Whether there is a way in while every ordinary slot is taken. */
function door({ version, reserved, mayUseReserved, superuser, role }: RoleRow): CheckItem {
  const what = 'reserved door'
  if (superuser) return fine(what, 'Open: a superuser has slots that others cannot have.')
  if (version < 160_000) {
    return {
      what,
      state: 'advice',
      message: 'None before PostgreSQL 16: a full server keeps a held connection, but lets no new one in.',
      fix: [],
    }
  }
  if (reserved > 0 && mayUseReserved) {
    return fine(what, `Open: ${reserved} reserved ${reserved === 1 ? 'connection' : 'connections'}.`)
  }
  return {
    what,
    state: 'advice',
    message: 'Closed: cut off from a full server, watching could not come back.',
    fix: [
      ...(reserved > 0 ? [] : ['ALTER SYSTEM SET reserved_connections = 2;  -- then restart the server']),
      ...(mayUseReserved ? [] : [`GRANT pg_use_reserved_connections TO ${quotedName(role)};`]),
    ],
  }
}
