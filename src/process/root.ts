// Nothing of the controller's side needs root: whoever runs it so gives all of the machine to one fault in it.

export const isRoot = (): boolean => process.getuid?.() === 0

export const WITHOUT_ROOT =
  '`mizani unit install` (once, as root) writes units by which controller and stores run as users of their own.'
