// Runs before the first paint: a choice of theme that was kept, or asked for in the address, never flashes.
;(() => {
  const asked = new URLSearchParams(location.search).get('theme')
  let kept = null
  try {
    kept = localStorage.getItem('poolscope.theme')
  } catch {
    // Storage may be switched off; the system's preference holds then.
  }
  const theme = asked === 'light' || asked === 'dark' ? asked : kept
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
})()
