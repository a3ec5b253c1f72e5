/** An open or opening WebSocket. */
export type LiveSocket = { send: (text: string) => void; close: () => void }

/** What a socket tells; nothing comes after `onClose`. */
export type SocketEvents = { onMessage: (text: string) => void; onClose: () => void }

/** Everything outside of the live store: what a test replaces. Times are epoch ms by the viewer's clock. */
export type Environment = {
  openSocket: (events: SocketEvents) => LiveSocket
  /** A JSON answer of the agent. @throws ApiError */
  fetchJson: (path: string) => Promise<unknown>
  now: () => number
  /** 0 to 1. */
  random: () => number
  setTimer: (run: () => void, ms: number) => number
  clearTimer: (timer: number) => void
  requestFrame: (run: () => void) => number
  cancelFrame: (frame: number) => void
  isHidden: () => boolean
  /** Calls back when the tab comes into view or leaves it, and when the machine is online again. */
  watch: (onVisibility: () => void, onOnline: () => void) => () => void
}

/** Time, frames and visibility of this tab. */
export function windowEnvironment(): Omit<Environment, 'openSocket' | 'fetchJson'> {
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    setTimer: (run, ms) => window.setTimeout(run, ms),
    clearTimer: (timer) => window.clearTimeout(timer),
    requestFrame: (run) => requestAnimationFrame(run),
    cancelFrame: (frame) => cancelAnimationFrame(frame),
    isHidden: () => document.visibilityState === 'hidden',
    watch: (onVisibility, onOnline) => {
      document.addEventListener('visibilitychange', onVisibility)
      window.addEventListener('online', onOnline)
      return () => {
        document.removeEventListener('visibilitychange', onVisibility)
        window.removeEventListener('online', onOnline)
      }
    },
  }
}

/**
 * The environment of a browser tab that was served by the agent.
 * @param fetchJson asks the agent
 */
export function browserEnvironment(fetchJson: (path: string) => Promise<unknown>): Environment {
  return {
    openSocket: ({ onMessage, onClose }) => {
      const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:'
      const socket = new WebSocket(`${scheme}//${location.host}/api/v1/live`)
      socket.onmessage = ({ data }) => onMessage(String(data))
      socket.onclose = () => onClose()
      return {
        send: (text) => {
          if (socket.readyState === WebSocket.OPEN) socket.send(text)
        },
        close: () => {
          socket.onmessage = socket.onclose = null
          socket.close()
        },
      }
    },
    fetchJson,
    ...windowEnvironment(),
  }
}
