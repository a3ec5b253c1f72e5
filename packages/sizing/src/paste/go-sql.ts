import { checkModel, lines, type Recipe } from './paste-model.ts'

/** Go's database/sql. */
export const goSql: Recipe = {
  id: 'go',
  title: 'Go database/sql',
  write: (model) => {
    const { max, acquireTimeoutMs, idleTimeoutMs, maxLifetimeMs } = checkModel(model)
    return [
      {
        file: 'db.go',
        language: 'go',
        text: lines(
          'package db',
          '',
          'import (',
          '\t"context"',
          '\t"database/sql"',
          '\t"time"',
          '',
          '\t_ "github.com/go-sql-driver/mysql"',
          ')',
          '',
          'func Open(dsn string) (*sql.DB, error) {',
          '\tdb, err := sql.Open("mysql", dsn)',
          '\tif err != nil {',
          '\t\treturn nil, err',
          '\t}',
          `\tdb.SetMaxOpenConns(${max})`,
          `\tdb.SetMaxIdleConns(${max})`,
          `\tdb.SetConnMaxIdleTime(${idleTimeoutMs} * time.Millisecond)`,
          `\tdb.SetConnMaxLifetime(${maxLifetimeMs} * time.Millisecond)`,
          '\treturn db, nil',
          '}',
          '',
          '// Conn waits for a free connection as long as a caller may.',
          'func Conn(ctx context.Context, db *sql.DB) (*sql.Conn, error) {',
          `\tctx, cancel := context.WithTimeout(ctx, ${acquireTimeoutMs}*time.Millisecond)`,
          '\tdefer cancel()',
          '\treturn db.Conn(ctx)',
          '}',
        ),
      },
    ]
  },
  notes: [
    'Fewer idle than open connections would be closed and opened again under every change of load; the idle time closes them instead. There is no min.',
    'Waiting ends with the context of the call; without a deadline it does not end.',
  ],
}
