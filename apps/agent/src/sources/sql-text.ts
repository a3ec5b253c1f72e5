/** How much of a statement is read; what is cut off is treated as if the statement went on. */
const MAX_INPUT = 16_384
/** Longest text that is shown. */
const MAX_OUTPUT = 1000

export type SqlDialect = 'postgresql' | 'mysql'

/** What every pass over a statement yields: words that may be shown, and `?` where a value stood. */
type Token = { text: string; kind: 'word' | 'value' | 'mark' }

/**
 * A statement without anything that a user typed into it: strings, numbers, bind markers and bits become `?`, lists
 * of them one `?`, comments go, digits in names become `?`, and statements that carry credentials are cut down to
 * their verb. One pass, no backtracking, never throws, safe on text that is cut anywhere: what is not
 * ended is a value.
 * @returns at most 1,000 characters, on one line
 */
export function normalizeSql(sql: string, dialect: SqlDialect): string {
  const tokens = collapse(lex(sql.slice(0, MAX_INPUT), dialect))
  const text = joined(secretFree(tokens))
  return text.length > MAX_OUTPUT ? `${text.slice(0, MAX_OUTPUT - 1)}…` : text
}

const SPACE = /\s/
const WORD_START = /[\p{L}_]/u
const WORD = /[\p{L}\p{N}_$]/u
const NUMBER = /[\p{N}A-Za-z_.]/u

/** Words before a quote that belong to the string: E'…', N'…', X'…', B'…', U&'…', _utf8'…'. */
const STRING_PREFIX = /^(e|n|x|b|u&|_[a-z?]+)$/i

function lex(sql: string, dialect: SqlDialect): Token[] {
  const tokens: Token[] = []
  let at = 0
  const value = () => {
    tokens.push({ text: '?', kind: 'value' })
  }
  while (at < sql.length) {
    const char = sql[at] as string
    const next = sql[at + 1] ?? ''
    if (SPACE.test(char)) at += 1
    else if ((char === '-' && next === '-') || (char === '#' && dialect === 'mysql')) at = lineEnd(sql, at)
    else if (char === '/' && next === '*') at = commentEnd(sql, at, dialect)
    else if (char === "'" || (char === '"' && dialect === 'mysql')) {
      at = quoteEnd(sql, at, char, dialect === 'mysql' || isEscapeString(tokens))
      if (STRING_PREFIX.test(tokens.at(-1)?.text ?? '') && tokens.at(-1)?.kind === 'word') tokens.pop()
      value()
    } else if (char === '"' || char === '`') {
      const end = quoteEnd(sql, at, char, false)
      const closed = end <= sql.length && end - at >= 2 && sql[end - 1] === char
      // A name that is not ended may be anything.
      if (closed) tokens.push({ text: nameOf(sql.slice(at, end)), kind: 'word' })
      else value()
      at = end
    } else if (char === '$' && dialect === 'postgresql') {
      const end = dollarEnd(sql, at)
      at = end
      value()
    } else if (char === '?' || (char === ':' && WORD_START.test(next) && sql[at - 1] !== ':')) {
      at = char === '?' ? at + 1 : wordEnd(sql, at + 1)
      value()
    } else if (isDigit(char) || (char === '.' && isDigit(next))) {
      at = numberEnd(sql, at)
      value()
    } else if (WORD_START.test(char)) {
      const end = wordEnd(sql, at)
      const ampersand = /^u$/i.test(sql.slice(at, end)) && sql[end] === '&' && /['"]/.test(sql[end + 1] ?? '')
      tokens.push({ text: nameOf(sql.slice(at, ampersand ? end + 1 : end)), kind: 'word' })
      at = ampersand ? end + 1 : end
    } else {
      tokens.push({ text: char, kind: 'mark' })
      at += 1
    }
  }
  return tokens
}

function isEscapeString(tokens: readonly Token[]): boolean {
  const last = tokens.at(-1)
  return last?.kind === 'word' && /^e$/i.test(last.text)
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9'
}

function lineEnd(sql: string, from: number): number {
  const end = sql.indexOf('\n', from)
  return end === -1 ? sql.length : end + 1
}

/** PostgreSQL's comments nest; MySQL's do not. */
function commentEnd(sql: string, from: number, dialect: SqlDialect): number {
  let depth = 1
  let at = from + 2
  while (at < sql.length && depth > 0) {
    if (sql[at] === '*' && sql[at + 1] === '/') {
      depth -= 1
      at += 2
    } else if (dialect === 'postgresql' && sql[at] === '/' && sql[at + 1] === '*') {
      depth += 1
      at += 2
    } else at += 1
  }
  return at
}

/** The place after the closing quote; the end of the text when there is none. A doubled quote is part of it. */
function quoteEnd(sql: string, from: number, quote: string, backslash: boolean): number {
  let at = from + 1
  while (at < sql.length) {
    if (backslash && sql[at] === '\\') at += 2
    else if (sql[at] !== quote) at += 1
    else if (sql[at + 1] === quote) at += 2
    else return at + 1
  }
  return sql.length
}

/** After `$1`, or after `$tag$ … $tag$`. */
function dollarEnd(sql: string, from: number): number {
  let at = from + 1
  while (at < sql.length && WORD.test(sql[at] as string) && sql[at] !== '$') at += 1
  if (sql[at] !== '$' || isDigit(sql[from + 1] ?? '')) return Math.max(at, from + 1)
  const tag = sql.slice(from, at + 1)
  const end = sql.indexOf(tag, at + 1)
  return end === -1 ? sql.length : end + tag.length
}

function wordEnd(sql: string, from: number): number {
  let at = from
  while (at < sql.length && WORD.test(sql[at] as string)) at += 1
  return at
}

/** Numbers in every spelling: 1, 1.5, 1e-9, 0xFF, 1_000. */
function numberEnd(sql: string, from: number): number {
  let at = from
  while (at < sql.length) {
    const sign =
      (sql[at] === '-' || sql[at] === '+') &&
      /e/i.test(sql[at - 1] as string) &&
      !/^0x/i.test(sql.slice(from, from + 2))
    if (!sign && !NUMBER.test(sql[at] as string)) break
    at += 1
  }
  return at
}

/** Digits in names tell tables of one day or of one customer apart, which is more than a reader needs. */
function nameOf(word: string): string {
  return word.replace(/\p{N}+/gu, '?')
}

/** Makes one `?` of a list of values, and one row of many. */
function collapse(tokens: readonly Token[]): Token[] {
  const out: Token[] = []
  const isMark = (token: Token | undefined, text: string) => token?.kind === 'mark' && token.text === text
  for (const token of tokens) {
    // A sign before a value is part of it.
    const last = out.at(-1)
    if (token.kind === 'value' && isMark(last, '-') && signs(out.at(-2))) out.pop()
    if (token.kind === 'value' && isMark(out.at(-1), ',') && out.at(-2)?.kind === 'value') {
      out.pop()
      continue
    }
    out.push(token)
    // "( ? ) , ( ? )" is one row.
    if (isMark(token, ')') && endsWith(out, ['(', '?', ')', ',', '(', '?', ')'])) out.splice(-4)
  }
  return out
}

/** After these a minus is a sign rather than a subtraction. */
function signs(before: Token | undefined): boolean {
  if (before === undefined) return true
  if (before.kind === 'mark') return before.text !== ')' && before.text !== ']'
  return (
    before.kind === 'word' &&
    /^(select|where|and|or|in|values|limit|offset|by|between|like|then|else|when|return)$/i.test(before.text)
  )
}

function endsWith(tokens: readonly Token[], texts: readonly string[]): boolean {
  const from = tokens.length - texts.length
  return from >= 0 && texts.every((text, index) => tokens[from + index]?.text === text)
}

/** Statements in which names, options or whole bodies are secrets: only what they are about is kept. */
const SECRET =
  /^((create|alter|drop) (or replace )?(user( mapping)?|role|group|server|subscription|database link|login)|set (session |local )?(password|role)|grant|copy|do|call dblink|load data|change (master|replication)|identified)\b/i
const SECRET_WORD =
  /^(password|identified|dblink|dblink_connect|pg_read_file|pgp_sym_encrypt|pgp_sym_decrypt|aes_encrypt|aes_decrypt)$/i

function secretFree(tokens: readonly Token[]): readonly Token[] {
  const start = tokens
    .slice(0, 5)
    .map(({ text }) => text)
    .join(' ')
  const matched = SECRET.exec(start)?.[0]
  if (matched !== undefined)
    return [...tokens.slice(0, matched.trim().split(' ').length), { text: '…', kind: 'mark' }]
  const secret = tokens.findIndex(({ kind, text }) => kind === 'word' && SECRET_WORD.test(text))
  return secret === -1 ? tokens : [...tokens.slice(0, secret + 1), { text: '…', kind: 'mark' }]
}

const NO_SPACE_BEFORE = new Set([',', ')', '.', ';', ']', '(', '[', ':'])
const NO_SPACE_AFTER = new Set(['(', '.', '[', ':'])
/** Words after which a bracket is not that of a function. */
const SPACED =
  /^(in|values|and|or|not|where|on|as|over|using|from|join|select|by|any|all|exists|returning|set|into|key|unique|when|then|else|between)$/i

function joined(tokens: readonly Token[]): string {
  let text = ''
  let before: Token | null = null
  for (const token of tokens) {
    if (before !== null && spaced(before, token)) text += ' '
    text += token.text
    before = token
  }
  return text
}

function spaced(before: Token, token: Token): boolean {
  if (NO_SPACE_AFTER.has(before.text) && before.kind === 'mark') return false
  if (token.text === '(' && token.kind === 'mark') return before.kind !== 'word' || SPACED.test(before.text)
  if (token.kind === 'mark' && NO_SPACE_BEFORE.has(token.text)) return false
  // Operators of several characters stay together.
  return !(token.kind === 'mark' && before.kind === 'mark' && !/[),\];]/.test(before.text))
}
