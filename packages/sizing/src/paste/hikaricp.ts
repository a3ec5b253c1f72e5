import { checkModel, lines, type PasteModel, type Recipe } from './paste-model.ts'

/** HikariCP refuses or replaces values below its own floors. */
function timesOf({ acquireTimeoutMs, idleTimeoutMs, maxLifetimeMs }: PasteModel) {
  const lifetime = Math.max(60_000, maxLifetimeMs)
  return {
    connection: Math.max(250, acquireTimeoutMs),
    idle: Math.min(Math.max(10_000, idleTimeoutMs), lifetime - 30_000),
    lifetime,
  }
}

/** HikariCP, in code and in Spring Boot's file. */
export const hikaricp: Recipe = {
  id: 'hikaricp',
  title: 'HikariCP',
  write: (model) => {
    const { max, min } = checkModel(model)
    const times = timesOf(model)
    return [
      {
        file: 'Database.java',
        language: 'java',
        text: lines(
          'import com.zaxxer.hikari.HikariConfig;',
          'import com.zaxxer.hikari.HikariDataSource;',
          '',
          'public final class Database {',
          '    public static HikariDataSource open() {',
          '        HikariConfig config = new HikariConfig();',
          '        config.setJdbcUrl(System.getenv("JDBC_URL"));',
          `        config.setMaximumPoolSize(${max});`,
          `        config.setMinimumIdle(${min});`,
          `        config.setConnectionTimeout(${times.connection});`,
          `        config.setIdleTimeout(${times.idle});`,
          `        config.setMaxLifetime(${times.lifetime});`,
          '        return new HikariDataSource(config);',
          '    }',
          '}',
        ),
      },
      {
        file: 'application.yaml',
        language: 'yaml',
        text: lines(
          'spring:',
          '  datasource:',
          '    hikari:',
          `      maximum-pool-size: ${max}`,
          `      minimum-idle: ${min}`,
          `      connection-timeout: ${times.connection}`,
          `      idle-timeout: ${times.idle}`,
          `      max-lifetime: ${times.lifetime}`,
        ),
      },
    ]
  },
  notes: [
    'HikariCP advises a pool of fixed size: leave minimumIdle out, and it equals the most.',
    'connectionTimeout is how long a caller waits. idleTimeout has no effect where minimumIdle equals the most.',
  ],
}
