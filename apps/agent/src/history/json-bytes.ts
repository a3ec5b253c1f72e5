import { decimalCode, fromDecimalCode } from './codes.ts'

/** Longest number in JSON: 24 characters, and a comma. */
const MOST_NUMBER_BYTES = 25
const DIGIT_0 = 48
const COMMA = 44
/** Numbers below it are written digit by digit. */
const MOST_DIGITS = 1e9
/** Codes of numbers below 100 with up to three digits behind the point, of which most columns are. */
const FRACTIONS = Array.from({ length: decimalCode(100) }, (_, code) =>
  Buffer.from(JSON.stringify(fromDecimalCode(code))),
)

/** JSON that is written straight as the bytes that are sent, because most of it is numbers of three digits. */
export class JsonBytes {
  #bytes: Buffer
  #length = 0

  constructor(expected = 65_536) {
    this.#bytes = Buffer.allocUnsafeSlow(expected)
  }

  /** Adds text that is JSON already. */
  text(json: string): void {
    this.#reserve(json.length * 3)
    this.#length += this.#bytes.write(json, this.#length)
  }

  /** Adds an array of numbers; what is not a number is `null`. */
  numbers(values: ArrayLike<number>): void {
    this.#reserve(values.length * MOST_NUMBER_BYTES + 2)
    this.text('[')
    for (let i = 0; i < values.length; i++) {
      if (i > 0) this.#bytes[this.#length++] = COMMA
      this.#number(values[i] as number)
    }
    this.text(']')
  }

  /** What was written. */
  view(): Buffer<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length) as Buffer<ArrayBuffer>
  }

  #number(value: number): void {
    if (value >= 0 && value < MOST_DIGITS && Number.isInteger(value)) this.#digits(value)
    else {
      const text = FRACTIONS[value < 100 ? decimalCode(value) : -1]
      if (text === undefined) this.text(JSON.stringify(value))
      else {
        this.#bytes.set(text, this.#length)
        this.#length += text.length
      }
    }
  }

  #digits(value: number): void {
    let digits = 1
    for (let limit = 10; value >= limit; limit *= 10) digits += 1
    let rest = value
    for (let at = this.#length + digits - 1; at >= this.#length; at--) {
      this.#bytes[at] = DIGIT_0 + (rest % 10)
      rest = Math.floor(rest / 10)
    }
    this.#length += digits
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + more))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }
}
