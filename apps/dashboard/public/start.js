// Starts the page's script once the page as it came has been painted; it is loaded meanwhile, and would hold that up.
;(() => {
  const { entry } = document.currentScript.dataset
  const start = () => {
    const script = document.createElement('script')
    script.type = 'module'
    script.crossOrigin = 'anonymous'
    script.src = entry
    script.onerror = () => {
      document.getElementById('unloaded').hidden = false
    }
    document.head.append(script)
  }
  // A frame's callback runs before its paint, a timer that is set there after it. In a hidden tab nothing is painted.
  if (document.visibilityState === 'visible') requestAnimationFrame(() => setTimeout(start))
  else start()
})()
