// A part that few ask for: its file is fetched when it is first drawn, and until then there is nothing in its place.

import { type ComponentType, createElement } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useStore } from '../store.js'

export function later<Props extends object>(fetchPart: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  return (props) => {
    const store = useStore()
    const [part, setPart] = useState<ComponentType<Props> | null>(null)
    useEffect(() => {
      fetchPart().then(
        (found) => setPart(() => found),
        (error: unknown) => store.complain(error),
      )
    }, [])
    return part === null ? null : createElement(part, props)
  }
}
