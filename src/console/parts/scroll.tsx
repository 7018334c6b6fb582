// What may be wider than the page scrolls by itself, also by keys: so it can have the focus, and has a name.

import type { ComponentChildren } from 'preact'

export function Scroll({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    <div class="scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  )
}
