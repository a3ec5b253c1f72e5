import { checkModel, lines, type Recipe, seconds } from './paste-model.ts'

/** Laravel, and what limits its connections: the number of PHP's processes. */
export const laravel: Recipe = {
  id: 'laravel',
  title: 'Laravel',
  write: (model) => {
    const { max, min, connectTimeoutMs, statementTimeoutMs } = checkModel(model)
    const spare = Math.max(1, min)
    return [
      {
        file: 'php-fpm.d/www.conf',
        language: 'ini',
        text: lines(
          '; Each process has a connection of its own: this is the size of the pool.',
          '[www]',
          'pm = dynamic',
          `pm.max_children = ${max}`,
          `pm.start_servers = ${spare}`,
          `pm.min_spare_servers = ${spare}`,
          `pm.max_spare_servers = ${max}`,
          'pm.max_requests = 7500',
          `request_terminate_timeout = ${seconds(statementTimeoutMs)}s`,
        ),
      },
      {
        file: 'config/database.php',
        language: 'php',
        text: lines(
          '<?php',
          '',
          'return [',
          "    'default' => env('DB_CONNECTION', 'pgsql'),",
          "    'connections' => [",
          "        'pgsql' => [",
          "            'driver' => 'pgsql',",
          "            'url' => env('DATABASE_URL'),",
          "            'host' => env('DB_HOST', '127.0.0.1'),",
          "            'port' => env('DB_PORT', '5432'),",
          "            'database' => env('DB_DATABASE', 'app'),",
          "            'username' => env('DB_USERNAME', 'app'),",
          "            'password' => env('DB_PASSWORD', ''),",
          "            'options' => [",
          `                PDO::ATTR_TIMEOUT => ${seconds(connectTimeoutMs)}, // to connect`,
          '                PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,',
          '            ],',
          '        ],',
          '    ],',
          '];',
        ),
      },
    ]
  },
  notes: [
    'PHP has no connection pool: keys such as pool_max or pool.max_connections are ignored. A process opens a connection for a request and closes it after; queue workers count as well.',
    'The max here is the connections of one host. To keep connections between requests put PgBouncer in between.',
  ],
}
