#!/bin/sh
# Make sure that there is a Chromium for the browser tests: install.sh PYTHON
set -eu
python=$1

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done

echo "No Chromium found; fetching Playwright's own ..."
if "$python" -m playwright install chromium; then exit 0; fi

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Debian's chromium ..."
    apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium && exit 0
fi

echo "The browser tests need Chromium: install it with your system's packages, or run: $python -m playwright install chromium" >&2
exit 1
