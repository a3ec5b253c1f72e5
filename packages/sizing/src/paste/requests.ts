import { checkModel, lines, type Recipe } from './paste-model.ts'

/** requests, whose pool is urllib3's. */
export const requestsRecipe: Recipe = {
  id: 'requests',
  title: 'requests / urllib3 (Python)',
  write: (model) => {
    const { max, connectTimeoutMs, statementTimeoutMs } = checkModel(model)
    return [
      {
        file: 'http_session.py',
        language: 'python',
        text: lines(
          'import requests',
          'from requests.adapters import HTTPAdapter',
          'from urllib3.util.retry import Retry',
          '',
          'adapter = HTTPAdapter(',
          '    pool_connections=10,  # hosts whose pools are kept',
          `    pool_maxsize=${max},  # connections of each`,
          '    pool_block=True,',
          '    max_retries=Retry(',
          '        total=3,',
          '        backoff_factor=1,',
          '        status_forcelist=[429, 500, 502, 503, 504],',
          '    ),',
          ')',
          'session = requests.Session()',
          'session.mount("http://", adapter)',
          'session.mount("https://", adapter)',
          '',
          '',
          'def get(url):',
          `    return session.get(url, timeout=(${connectTimeoutMs / 1000}, ${statementTimeoutMs / 1000}))`,
        ),
      },
    ]
  },
  notes: [
    'pool_maxsize is a limit only with pool_block=True; without it more connections are opened and thrown away.',
    'Waiting for a free connection has no time-out.',
  ],
}
