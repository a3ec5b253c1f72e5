// What a visit has to load, compressed as the agent sends it at most.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const gz = async (path) => gzipSync(await readFile(path), { level: 9 }).length / 1000

async function kilobytes(dir, files) {
  const sizes = await Promise.all(files.map((file) => gz(join(dir, file))))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** The scripts that a page loads and what they import at once. */
async function firstLoad(dir, page) {
  const html = await readFile(join(dir, page), 'utf8')
  const found = new Set([...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((match) => match[1]))
  for (const file of found) {
    const text = await readFile(join(dir, file), 'utf8')
    // Static imports stand at the top of a built chunk; import() is what waits for its page.
    for (const match of text.matchAll(/(?:import|from)\s*"\.\/([^"]+\.js)"/g)) found.add(`assets/${match[1]}`)
  }
  return [...found]
}

/** kB (1000 bytes, gzip -9) of the first load of /fleet, of a card in a frame, of all scripts, and of all styles. */
export async function measureBundle(dir) {
  const first = await firstLoad(dir, 'index.html')
  const all = (await readdir(join(dir, 'assets'))).map((name) => `assets/${name}`)
  const texts = await Promise.all(first.map((file) => readFile(join(dir, file), 'utf8')))
  return {
    first: await kilobytes(dir, first),
    card: await kilobytes(dir, await firstLoad(dir, 'embed.html')),
    firstHasCharts: texts.some((text) => text.includes('recharts-')),
    scripts: await kilobytes(
      dir,
      all.filter((file) => file.endsWith('.js')),
    ),
    styles: await kilobytes(
      dir,
      all.filter((file) => file.endsWith('.css')),
    ),
  }
}
