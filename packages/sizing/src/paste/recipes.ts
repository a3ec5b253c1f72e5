import { asyncpg } from './asyncpg.ts'
import { goSql } from './go-sql.ts'
import { grpcRecipe } from './grpc.ts'
import { hikaricp } from './hikaricp.ts'
import { httpAgents } from './http-agents.ts'
import { ioredisRecipe } from './ioredis.ts'
import { laravel } from './laravel.ts'
import { mongooseRecipe } from './mongoose.ts'
import { mysql2 } from './mysql2.ts'
import { nodePg } from './node-pg.ts'
import type { Recipe } from './paste-model.ts'
import { pgbouncerCompose, pgbouncerIni } from './pgbouncer-config.ts'
import { prismaAdapter, prismaUrl } from './prisma.ts'
import { psycopg2 } from './psycopg2.ts'
import { redisPy } from './redis-py.ts'
import { requestsRecipe } from './requests.ts'
import { sqlalchemy } from './sqlalchemy.ts'

/** How each library is set, those for Node first. */
export const RECIPES: readonly Recipe[] = [
  nodePg,
  mysql2,
  prismaAdapter,
  prismaUrl,
  mongooseRecipe,
  ioredisRecipe,
  httpAgents,
  grpcRecipe,
  psycopg2,
  sqlalchemy,
  asyncpg,
  redisPy,
  requestsRecipe,
  goSql,
  laravel,
  pgbouncerIni,
  pgbouncerCompose,
  hikaricp,
]
