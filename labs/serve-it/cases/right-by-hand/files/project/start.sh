#!/bin/sh
set -e
echo "starting on ${PORT}"
exec python serve.py
