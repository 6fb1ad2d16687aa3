#!/bin/sh
# Print a Python that is 3.11 or newer and can make virtual environments, or say in a sentence what is missing.
# PYTHON, if set, is the only one looked at.
old=""
bare=""
for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    version=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    if ! "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        old="$old $candidate is $version;"
    elif ! "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
        bare="$bare $candidate"
    else
        echo "$candidate"
        exit 0
    fi
done
if [ -n "$bare" ]; then
    echo "Python is there ($(echo $bare)) but cannot make virtual environments: install its venv module, e.g. apt-get install python3-venv" >&2
else
    echo "stepgrad needs Python 3.11 or newer, and none was found:${old:- there is no Python on PATH;} get one from https://www.python.org, or name it: make PYTHON=/path/to/python3.12 ..." >&2
fi
exit 1
