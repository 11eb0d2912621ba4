#!/bin/bash
# Of the hosts of hosts.sh, the oldest kernel and the newest.
HOSTS='bullseye:hybrid trixie:v2' exec "$(dirname "$0")/hosts.sh"
