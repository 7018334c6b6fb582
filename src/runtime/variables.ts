// What the environment may say beside settings: secrets, which have no place in a file, and where others are.

/** What each is for; behind each name may stand _FILE, which then names a file of mode 0600. */
export const SECRETS = {
  REDIS_URL: 'Address of the durable store, with its password',
  RATES_REDIS_URL: 'Address of the volatile store, with its password',
  RATES_REDIS_ADMIN_URL: 'The same as a user that may write ACLs',
  MIZANI_JOBS_URL: 'Address of the Redis over which `mizani plan` shares work out to `mizani sim-worker`, as --queue',
  MIZANI_ADMIN_TOKEN: 'A token of 32 characters or more for the actor env-admin: all but what is done in person',
  MIZANI_TOKEN: 'With what the command line asks; absent: `cli-token` of the data folder',
  MIZANI_DEVICE_SECRET: 'Password or shared secret of the device that an edge sets',
  MIZANI_JOIN: 'For `mizani edge join`: the line that `mizani edge-user add` printed; absent: it asks',
  MIZANI_PASSWORD: 'Of the account that `--as` names; absent: it is asked for',
  MIZANI_CODE: 'The code of its authenticator; absent: it is asked for',
  SMTP_PASSWORD: 'Of `mail.user`',
  OIDC_CLIENT_SECRET: 'Of `oidc.client`',
  LDAP_PASSWORD: 'Of `ldap.bind`',
} as const
/** What else the environment may say. */
export const OTHERS: Readonly<Record<string, string>> = {
  MIZANI_CONFIG: 'Settings file, as --config',
  MIZANI_URL:
    'Where the command line finds the controller: https://host:port, with #FINGERPRINT to pin its certificate; ' +
    'absent: what cli-url of the data folder says, else http.host and http.port',
  MIZANI_CA_FILE: 'PEM file of who vouches for that controller; absent: whom this machine trusts',
}
