import { type PasteModel, RECIPES } from '@poolscope/sizing'
import { Card } from '../ui/Card.tsx'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { Tabs } from '../ui/Tabs.tsx'
import styles from './SizePaste.module.css'

const TABS = RECIPES.map(({ id, title }) => ({ id, name: title }))

/** The size as settings of a library, to take along. */
export function SizePaste({
  model,
  lib,
  onChoose,
}: {
  model: PasteModel
  lib: string
  onChoose: (id: string) => void
}) {
  const recipe = RECIPES.find(({ id }) => id === lib) ?? RECIPES[0]
  if (recipe === undefined) return null
  return (
    <Card title="What to paste" note={`max ${model.max}, min ${model.min}`}>
      <Tabs label="Libraries" tabs={TABS} chosen={recipe.id} onChoose={onChoose}>
        <div className={styles.files}>
          {recipe.write(model).map(({ file, text }) => (
            <div key={file} className={styles.file}>
              <h3>{file}</h3>
              <CodeBlock text={text.trimEnd()} what={file} />
            </div>
          ))}
        </div>
        <ul className={styles.notes}>
          {recipe.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      </Tabs>
    </Card>
  )
}
