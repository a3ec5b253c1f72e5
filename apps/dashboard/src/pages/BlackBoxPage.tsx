import type { BlackBox } from '@poolscope/protocol'
import { type DragEvent, useState } from 'react'
import { SEVERITY_MARKS } from '../lib/alert-words.ts'
import { useDocumentTitle } from '../lib/document-title.ts'
import { formatDateTime } from '../lib/format.ts'
import { readBlackBox } from '../lib/read-black-box.ts'
import { BlackBoxView } from '../panels/BlackBoxView.tsx'
import { Facts } from '../panels/Facts.tsx'
import { SymptomList } from '../panels/SymptomList.tsx'
import { Card } from '../ui/Card.tsx'
import { Tag } from '../ui/Chip.tsx'
import { StatusMark, StatusShape } from '../ui/StatusMark.tsx'
import styles from './BlackBoxPage.module.css'

/** "What was true around that alert?", from a file, whoever's agent wrote it. */
export function BlackBoxPage() {
  const [box, setBox] = useState<BlackBox | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [over, setOver] = useState(false)
  useDocumentTitle(box === null ? 'Black box' : `${box.alert.title}, black box`)
  const open = async (file: File | undefined) => {
    if (file === undefined) return
    try {
      setBox(await readBlackBox(file))
      setProblem(null)
    } catch (error) {
      setProblem(`${file.name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    void open(event.dataTransfer.files[0])
  }
  return (
    <>
      <h1 className={styles.title}>Black box</h1>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way to what the field does */}
      <div
        className={styles.drop}
        data-over={over}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
      >
        <label className={styles.field}>
          <span>Open the file of an alert, or drop it here.</span>
          <input
            type="file"
            accept=".json,.gz,application/json,application/gzip"
            onChange={(event) => void open(event.target.files?.[0])}
          />
        </label>
        <p className={styles.quiet}>It is read in this browser. Nothing is uploaded.</p>
        {problem !== null && (
          <p role="alert">
            <StatusShape status="critical" /> {problem}
          </p>
        )}
      </div>
      {box !== null && <Opened box={box} />}
    </>
  )
}

function Opened({ box }: { box: BlackBox }) {
  const { title, severity, state, subjectName, message, evidence, symptoms, sinceMs, remedy } = box.alert
  return (
    <div className={styles.page}>
      <Card
        title={`${title}, ${subjectName}`}
        note={
          <>
            <StatusMark status={SEVERITY_MARKS[severity]} /> <Tag>{state} when it was frozen</Tag>
          </>
        }
      >
        <div className={styles.alert}>
          <p className={styles.message}>{message}</p>
          <p className={styles.quiet}>Since {formatDateTime(sinceMs)}</p>
          <Facts facts={evidence.facts} />
          {remedy !== null && <p>{remedy}</p>}
          {symptoms.length > 0 && <SymptomList symptoms={symptoms} />}
        </div>
      </Card>
      <BlackBoxView key={box.alert.id} box={box} />
    </div>
  )
}
