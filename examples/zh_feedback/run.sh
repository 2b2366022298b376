#!/bin/sh
# Imports Chinese comments as feedback and runs a cycle: sh run.sh DATA
# DATA is the folder with waimai_2000.csv. The workbook is made beside this script.
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

[ -e 反馈.xlsx ] || "$program" init --config config.toml >&2
"$program" import --config config.toml --mapping mapping.toml "$data" >&2
"$program" sync --config config.toml >&2
"$program" summary --config config.toml --json
