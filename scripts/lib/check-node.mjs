/** Ends the process with one clear line when this Node is too old. Uses nothing that an old one lacks. */
export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(
    `Poolscope needs Node 20.19 or later; this is ${process.versions.node}. Get a newer one from https://nodejs.org.`,
  )
  process.exit(1)
}
