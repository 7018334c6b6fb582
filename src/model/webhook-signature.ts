// How a receiver of webhooks proves that a letter is ours: one text, for the description of the API and for --help.

export const WEBHOOK_SIGNATURE = `Each letter is a POST of JSON: plane, change (raised, acknowledged, cleared or test),
alarm (null in a test), acknowledgedBy, text (160 characters at most), texts (the same in en and sw). Any answer of
2xx takes it; anything else is tried again, for most of a day. Its headers: mizani-webhook, the id of the webhook;
mizani-delivery, equal for each attempt at one letter; and
mizani-signature: t=TIME,v1=HEX, where HEX is HMAC-SHA256 with the webhook's secret over TIME, a dot, and the body as it
came: hmac(secret, TIME + "." + body). A receiver computes it anew, compares in constant time, and refuses a letter
whose TIME (Unix seconds) is more than five minutes from its own clock. In a shell:
  printf '%s.%s' "$TIME" "$BODY" | openssl dgst -sha256 -hmac "$SECRET"`
