#!/bin/sh
exec /usr/lib/loa/node --max-old-space-size=128 --max-semi-space-size=2 /usr/lib/loa/dist/agent/cli/main.js "$@"
