import type { FieldOrigin, SizeForm } from '../lib/size-form.ts'
import { boundsOf, SIZE_GROUPS, type SizeFieldKey } from '../lib/size-query.ts'
import { Card } from '../ui/Card.tsx'
import { Tag } from '../ui/Chip.tsx'
import { NumberField } from '../ui/NumberField.tsx'
import styles from './SizeFields.module.css'

const ORIGINS: Readonly<Record<FieldOrigin, string | null>> = {
  measured: 'measured',
  assumed: 'assumed',
  given: null,
  none: null,
}

/** Everything that a size is computed from: what is left empty is not known, and decides nothing. */
export function SizeFields({
  form,
  onChange,
}: {
  form: SizeForm
  onChange: (key: SizeFieldKey, text: string) => void
}) {
  return (
    <div className={styles.groups}>
      {SIZE_GROUPS.map(({ title, fields }) => (
        <Card key={title} title={title} className={styles.group}>
          <div className={styles.fields}>
            {fields.map((field) => {
              const { text, value, origin, error } = form[field.key]
              const word = ORIGINS[origin]
              return (
                <NumberField
                  key={field.key}
                  label={field.label}
                  unit={field.unit}
                  hint={field.hint}
                  tag={word === null ? null : <Tag>{word}</Tag>}
                  text={text}
                  value={value}
                  error={error}
                  placeholder="—"
                  slider={{ ...field.slider, whole: boundsOf(field).whole }}
                  onChange={(next) => onChange(field.key, next)}
                />
              )
            })}
          </div>
        </Card>
      ))}
    </div>
  )
}
