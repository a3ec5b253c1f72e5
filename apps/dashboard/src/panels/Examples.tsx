import type { Example } from '@poolscope/protocol'
import { useState } from 'react'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { Select } from '../ui/Select.tsx'
import styles from './Examples.module.css'

/** Kept for the visit: who writes Go reads every remedy in Go. */
let preferred = ''

/** Code that shows a remedy, in the language at hand. */
export function Examples({ examples }: { examples: readonly Example[] }) {
  const [chosen, setChosen] = useState(preferred)
  const languages = [...new Set(examples.map(({ language }) => language))]
  const language = languages.find((one) => one === chosen) ?? languages[0]
  if (language === undefined) return null
  const code = [...new Set(examples.filter((one) => one.language === language).map((one) => one.code))]
  return (
    <div className={styles.examples}>
      <Select
        label="In"
        value={language}
        options={languages.map((value) => ({ value, label: value }))}
        onChange={(next) => {
          preferred = next
          setChosen(next)
        }}
      />
      {code.map((text) => (
        <CodeBlock key={text} text={text} what="the code" />
      ))}
    </div>
  )
}
