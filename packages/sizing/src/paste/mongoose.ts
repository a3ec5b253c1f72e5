import { checkModel, lines, type Recipe } from './paste-model.ts'

/** Mongoose, whose pool is that of the MongoDB driver. */
export const mongooseRecipe: Recipe = {
  id: 'mongoose',
  title: 'Mongoose',
  write: (model) => {
    const { max, min, acquireTimeoutMs, connectTimeoutMs, idleTimeoutMs, statementTimeoutMs } =
      checkModel(model)
    return [
      {
        file: 'db.js',
        language: 'js',
        text: lines(
          "import mongoose from 'mongoose'",
          '',
          'export const options = {',
          `  maxPoolSize: ${max},`,
          `  minPoolSize: ${min},`,
          `  maxIdleTimeMS: ${idleTimeoutMs},`,
          `  waitQueueTimeoutMS: ${acquireTimeoutMs},`,
          `  connectTimeoutMS: ${connectTimeoutMs},`,
          `  serverSelectionTimeoutMS: ${connectTimeoutMs},`,
          `  socketTimeoutMS: ${statementTimeoutMs},`,
          '}',
          '',
          'export function connect() {',
          '  return mongoose.connect(process.env.MONGODB_URI, options)',
          '}',
        ),
      },
    ]
  },
  notes: [
    'The pool is of each server of a replica set: a client holds up to maxPoolSize on each, and two connections more to watch it.',
    'The pool is read through the connection pool events of the driver; topology.s.pool does not exist.',
  ],
}
