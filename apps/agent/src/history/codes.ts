/** First code of the values from 1, from 10 and from 100 on. */
const FROM_1 = 1000
const FROM_10 = 1900
const FROM_100 = 2800
/** Larger ones are kept as floats: packing is for numbers of up to 32 bits. */
const MOST = 2 ** 31

/** The values of the codes before {@link FROM_100}: looking one up takes less time than dividing. */
const BELOW_100 = Float64Array.from({ length: FROM_100 }, (_, code) => {
  if (code < FROM_1) return code / 1000
  return code < FROM_10 ? (code - (FROM_1 - 100)) / 100 : (code - (FROM_10 - 100)) / 10
})

/**
 * A whole number for a value as live frames carry it: thousandths below 1, hundredths below 10, tenths below 100,
 * whole from there on. Order is kept, and numbers of like size get near codes, so that they pack well.
 * @returns -1 where the value is none of these
 * @example decimalCode(1.23) // 1023
 */
export function decimalCode(value: number): number {
  if (value < 0 || value >= MOST) return -1
  const code =
    value < 1
      ? Math.round(value * 1000)
      : value < 10
        ? FROM_1 - 100 + Math.round(value * 100)
        : value < 100
          ? FROM_10 - 100 + Math.round(value * 10)
          : FROM_100 - 100 + Math.round(value)
  return fromDecimalCode(code) === value ? code : -1
}

/** The value of a code of {@link decimalCode}. */
export function fromDecimalCode(code: number): number {
  return code < FROM_100 ? (BELOW_100[code] as number) : code - (FROM_100 - 100)
}

/** True for whole numbers that pack as they are. */
export function isCount(value: number): boolean {
  return value >= 0 && value < MOST && Number.isInteger(value)
}
