// What is pressed before the scripts are there is answered by the browser alone; so it cannot be pressed until then.

import { useEffect, useState } from 'preact/hooks'

/** Whether this part is drawn by the browser, and not only written by the server. */
export function useReady(): boolean {
  const [isReady, setReady] = useState(false)
  useEffect(() => setReady(true), [])
  return isReady
}
