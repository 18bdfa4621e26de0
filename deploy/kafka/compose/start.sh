#!/bin/sh
# Starts the broker of docker-compose.yml. The first time it formats the storage, with a user for each secret file
# kafka_NAME; a password that is changed later is changed with kafka-configs.sh, not here.
set -eu

home=${KAFKA_HOME:-/opt/kafka}
config=${KAFKA_CONFIG:-/etc/linkages/server.properties}
secrets=${KAFKA_SECRETS:-/run/secrets}
data=$(sed -n 's/^log\.dirs=//p' "$config")

if [ ! -f "$data/meta.properties" ]; then
    set --
    for file in "$secrets"/kafka_*; do
        set -- "$@" --add-scram "SCRAM-SHA-512=[name=${file##*/kafka_},password=$(cat "$file")]"
    done
    "$home/bin/kafka-storage.sh" format --standalone --config "$config" \
        --cluster-id "$("$home/bin/kafka-storage.sh" random-uuid)" "$@" > /dev/null # it would print what is kept of passwords
fi
exec "$home/bin/kafka-server-start.sh" "$config"
