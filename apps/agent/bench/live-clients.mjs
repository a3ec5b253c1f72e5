// Live clients in a process of their own, so that their cost is not the agent's.
import { once } from 'node:events'
import { WebSocket } from 'ws'

const [{ count, urls }] = await once(process, 'message')
for (const url of urls) {
  for (let i = 0; i < count; i += 50) {
    const batch = Array.from(
      { length: Math.min(50, count - i) },
      () => new WebSocket(url, { perMessageDeflate: false }),
    )
    await Promise.all(batch.map((socket) => once(socket, 'open')))
  }
}
process.send('ready')
process.on('disconnect', () => process.exit())
