/** Grows as it is written to: bytes, numbers of variable length, runs of equally wide bits. */
export class ByteWriter {
  #bytes: Uint8Array
  #view: DataView
  #length = 0

  constructor(expected = 4096) {
    this.#bytes = new Uint8Array(expected)
    this.#view = new DataView(this.#bytes.buffer)
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length] = value
    this.#length += 1
  }

  /** A whole number from 0 to 2^53 - 1, seven bits a byte, lowest first. */
  varint(value: number): void {
    this.#reserve(8)
    let rest = value
    // Bit operations know 32 bits only.
    while (rest >= 0x1000_0000) {
      this.#bytes[this.#length] = (rest % 128) | 128
      this.#length += 1
      rest = Math.floor(rest / 128)
    }
    while (rest >= 128) {
      this.#bytes[this.#length] = (rest & 127) | 128
      this.#length += 1
      rest >>>= 7
    }
    this.#bytes[this.#length] = rest
    this.#length += 1
  }

  float64(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.#length, value, true)
    this.#length += 8
  }

  /** The lowest `width` bits of each value, one after the other. @param width 0 to 24 */
  packed(values: ArrayLike<number>, count: number, width: number): void {
    if (width === 0) return
    this.#reserve(Math.ceil((count * width) / 8))
    const mask = 2 ** width - 1
    let held = 0
    let bits = 0
    let at = this.#length
    for (let i = 0; i < count; i++) {
      held |= ((values[i] as number) & mask) << bits
      bits += width
      while (bits >= 8) {
        this.#bytes[at++] = held
        held >>>= 8
        bits -= 8
      }
    }
    if (bits > 0) this.#bytes[at++] = held
    this.#length = at
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  get length(): number {
    return this.#length
  }

  /** What was written; valid until the next writing. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Begins again in the same memory. */
  clear(): void {
    this.#length = 0
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more))
    grown.set(this.#bytes)
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}

/** Reads what {@link ByteWriter} wrote. @throws RangeError where the bytes end too early */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.at = at
  }

  get ended(): boolean {
    return this.at >= this.#bytes.length
  }

  byte(): number {
    const value = this.#bytes[this.at]
    if (value === undefined) throw new RangeError('the bytes end too early')
    this.at += 1
    return value
  }

  varint(): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.byte()
      value += (byte & 127) * scale
      if (byte < 128) return value
      scale *= 128
    }
  }

  float64(): number {
    const value = this.#view.getFloat64(this.at, true)
    this.at += 8
    return value
  }

  /** What {@link ByteWriter.packed} wrote. @param width 0 to 24 */
  packed(into: Float64Array, count: number, width: number): void {
    if (width === 0) {
      into.fill(0, 0, count)
      return
    }
    if (this.at + Math.ceil((count * width) / 8) > this.#bytes.length)
      throw new RangeError('the bytes end too early')
    // Local variables, because this is where most of a query's time goes.
    const bytes = this.#bytes
    const mask = (1 << width) - 1
    let at = this.at
    let held = 0
    let bits = 0
    for (let i = 0; i < count; i++) {
      while (bits < width) {
        held |= (bytes[at] as number) << bits
        at += 1
        bits += 8
      }
      into[i] = held & mask
      held >>= width
      bits -= width
    }
    this.at = at
  }

  /** The next bytes, not copied. */
  take(length: number): Uint8Array {
    if (this.at + length > this.#bytes.length) throw new RangeError('the bytes end too early')
    const taken = this.#bytes.subarray(this.at, this.at + length)
    this.at += length
    return taken
  }
}
