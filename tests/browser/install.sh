#!/bin/sh
# Make sure that there is a Chromium that the browser tests can start: install.sh PYTHON
set -eu
python=$1

starts() {
    "$python" -c "
from tests.browser.conftest import launched_browser
with launched_browser():
    pass" >/dev/null 2>&1
}

if starts; then exit 0; fi

echo "No Chromium found; fetching Playwright's own ..."
# It may come without the system libraries that it needs, so it counts only once it has started.
if "$python" -m playwright install chromium && starts; then exit 0; fi

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Debian's chromium ..."
    apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium && starts && exit 0
fi

echo "The browser tests need Chromium: install it with your system's packages, or run: $python -m playwright install --with-deps chromium" >&2
exit 1
