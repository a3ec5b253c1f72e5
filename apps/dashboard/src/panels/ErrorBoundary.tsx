import { Component, type ReactNode } from 'react'
import { Button } from '../ui/Button.tsx'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Notice } from '../ui/Notice.tsx'

type Props = {
  children: ReactNode /** Another value clears the error: the path of the page. */
  resetKey: string
}
type State = { error: Error | null; resetKey: string }

/** Keeps a fault of one page from taking the whole window, and says what can be done. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: null, resetKey: this.props.resetKey }

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.resetKey === state.resetKey ? null : { error: null, resetKey: props.resetKey }
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === null) return this.props.children
    return (
      <Notice
        status="critical"
        level={1}
        title="This page broke"
        actions={
          <>
            <Button look="primary" onClick={() => location.reload()}>
              Load the page again
            </Button>
            <Button onClick={() => this.setState({ error: null })}>Try without loading</Button>
            <CopyButton text={`${error.message}\n${error.stack ?? ''}`} what="the error" />
          </>
        }
      >
        <p>
          Something in the page itself failed; the agent and its data are not touched. A page of another
          version than the agent is the most common cause, and loading it again is the cure.
        </p>
        <p>
          <code>{error.message}</code>
        </p>
      </Notice>
    )
  }
}
