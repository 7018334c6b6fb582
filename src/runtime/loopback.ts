// Whether a name means this machine: what never leaves it needs no TLS.

/** Whether a host is this machine, by its name alone: whom another name leads to may change. */
export const isLoopback = (host: string): boolean => /^(localhost|(::ffff:)?127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host)
