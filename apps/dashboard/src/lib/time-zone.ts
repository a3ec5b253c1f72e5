import { useCallback } from 'react'
import { useExternal } from './use-external.ts'

/** Moments are written in the viewer's own zone, or in UTC. */
export const ZONES = ['local', 'utc'] as const
export type Zone = (typeof ZONES)[number]

const KEY = 'poolscope.zone'

/** The name of the zone in a shared address, so that it reads the same for whoever opens it. */
export const ZONE_PARAM = 'tz'

const listeners = new Set<() => void>()
let zone = firstZone()

/** A link's own zone holds for the visit; else what was chosen at the last one. */
function firstZone(): Zone {
  const asked = new URLSearchParams(globalThis.location?.search).get(ZONE_PARAM)
  if (asked !== null) return asked.toLowerCase() === 'utc' ? 'utc' : 'local'
  try {
    return localStorage.getItem(KEY) === 'utc' ? 'utc' : 'local'
  } catch {
    return 'local'
  }
}

/** The zone in force, for what is not a component. */
export function currentZone(): Zone {
  return zone
}

/** Takes another zone and keeps it for the next visit. */
export function chooseZone(chosen: Zone): void {
  zone = chosen
  try {
    if (chosen === 'local') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, chosen)
  } catch {
    // Without storage the choice lasts until the page is left.
  }
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The zone in force, and a function that chooses another. */
export function useZone(): [Zone, (zone: Zone) => void] {
  return [useExternal(subscribe, currentZone), useCallback(chooseZone, [])]
}

/** How far the zone in force is ahead of UTC at a moment, ms. */
export function zoneOffsetMs(epochMs: number): number {
  return zone === 'utc' ? 0 : -new Date(epochMs).getTimezoneOffset() * 60_000
}
