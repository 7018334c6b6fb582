// What lies over the page: a dialogue of the browser's own, which keeps the focus inside, closes with Escape and gives
// the focus back.

import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

interface Props {
  readonly label: string
  readonly class?: string
  close(): void
  readonly children: ComponentChildren
}

export function Overlay({ label, close, children, ...rest }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  // Before the next key: whoever types at once types into it.
  useLayoutEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <dialog ref={dialog} aria-label={label} class={rest.class} onClose={close}>
      {children}
    </dialog>
  )
}
