#!/bin/sh
# Imports the tickets of a help desk as services and runs a cycle: sh run.sh DATA
# DATA is the folder with helpdesk.csv. The workbook is made beside this script.
# Standard output is the JSON of `summary --json`, and nothing else.
set -eu

if [ $# -ne 1 ] || [ ! -d "$1" ]; then
    echo "usage: sh run.sh DATA" >&2
    exit 2
fi
data=$(CDPATH='' cd -- "$1" && pwd)
cd -- "$(dirname -- "$0")"

if [ -n "${CRM_SHEETS:-}" ]; then
    program=$CRM_SHEETS
elif [ -x ../../.venv/bin/crm-sheets ]; then
    program=../../.venv/bin/crm-sheets
else
    program=crm-sheets
fi

"${PYTHON:-python3}" convert.py "$data/helpdesk.csv" tickets.csv

[ -e helpdesk.xlsx ] || "$program" init --config config.toml >&2
"$program" import --config config.toml --mapping mapping.toml tickets.csv >&2
"$program" sync --config config.toml >&2
"$program" summary --config config.toml --json
