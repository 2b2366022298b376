#!/bin/sh
# Imports the Maven sample and runs a cycle: sh run.sh DATA
# DATA is the folder with accounts.csv, sales_teams.csv and sales_pipeline.csv. The workbook is made beside this script.
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

[ -e maven.xlsx ] || "$program" init --config config.toml >&2

# Exit code 1 says that some rows stay out (deals without an account); maven.errors.xlsx lists each with its reason.
status=0
"$program" import --config config.toml --mapping mapping.toml --errors maven.errors.xlsx "$data" >&2 || status=$?
[ "$status" -le 1 ] || exit "$status"

"$program" sync --config config.toml >&2
"$program" summary --config config.toml --json
