#!/bin/sh
# Imports the CDNOW sample as customers, orders and lines and runs a cycle: sh run.sh DATA
# DATA is the folder with CDNOW_sample.txt. The workbook is made beside this script.
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

"${PYTHON:-python3}" convert.py "$data/CDNOW_sample.txt" .

[ -e cdnow.xlsx ] || "$program" init --config config.toml >&2
"$program" import --config config.toml --mapping mapping.toml customers.csv orders.csv order_lines.csv >&2
"$program" sync --config config.toml >&2
"$program" summary --config config.toml --json
