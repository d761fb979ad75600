#!/bin/sh
exec /usr/lib/loa/node --max-old-space-size=128 /usr/lib/loa/dist/agent/cli/main.js "$@"
