import type { Example } from '@poolscope/protocol'
import { useLanguage } from '../lib/language.ts'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { Select } from '../ui/Select.tsx'
import styles from './Examples.module.css'

/** Code that shows a remedy, in the language at hand. */
export function Examples({ examples }: { examples: readonly Example[] }) {
  const [chosen, choose] = useLanguage()
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
        onChange={choose}
      />
      {code.map((text) => (
        <CodeBlock key={text} text={text} what="the code" />
      ))}
    </div>
  )
}
