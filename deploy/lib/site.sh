# Larder's binary and the Wagtail site behind it: makes what is missing, and starts the site. Sourced after processes.sh;
# the script has set top, the clone, and state, the directory for the virtual environment, the sites and the logs.

wagtail=$top/deploy/wagtail
app=$wagtail/larder_wagtail
post=/blog/how-long-will-apples-really-keep/ # the page of the stories
scheduler_pause_s=20

# --- Preparing: each part only when its sources changed --------------------------------------------------------------

build_larder() {
  if [ -n "${LARDER:-}" ]; then
    [ -x "$LARDER" ] || die "LARDER=$LARDER is not a program"
    return
  fi
  LARDER=$top/build/release/larder
  say "building Larder (its output: $state/build.log)"
  if ! { step env -C "$top" cmake --preset release && step env -C "$top" cmake --build --preset release --target larder; } \
    >"$state/build.log" 2>&1; then
    tail -n 40 "$state/build.log" >&2
    die "the build failed; all of its output is in $state/build.log"
  fi
}

# True when the stamp file holds this text.
is_stamped() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

make_venv() {
  local stamp
  stamp="$(python3 -c 'import sys; print(sys.base_prefix, sys.version)') $(cat "$wagtail/requirements.txt" "$app/pyproject.toml" | sha256sum) $app $state"
  is_stamped "$state/venv/stamp" "$stamp" && return
  say "installing Wagtail into $state/venv"
  rm -rf "$state/venv"
  step python3 -m venv "$state/venv"
  step "$state/venv/bin/pip" install --quiet --disable-pip-version-check -r "$wagtail/requirements.txt" --editable "$app"
  echo "$stamp" >"$state/venv/stamp"
}

manage() { # SITE_DIR COMMAND...
  DEMO_STATE=$1 step "$state/venv/bin/python" "$wagtail/demo/manage.py" "${@:2}"
}

site_version() {
  (cd "$wagtail" && find demo requirements.txt larder_wagtail/src/larder_wagtail/migrations -type f ! -name '*.pyc' -print0 | sort -z | xargs -0 sha256sum | sha256sum)
}

# A seeded site that nobody has edited: what a new demo and each check begin with.
make_pristine_site() {
  local version
  version=$(site_version)
  is_stamped "$state/pristine/version" "$version" && return
  say "seeding the site: 300 posts, 150 threads"
  rm -rf "$state/pristine"
  mkdir -p "$state/pristine"
  manage "$state/pristine" migrate --verbosity 0
  manage "$state/pristine" seed
  manage "$state/pristine" collectstatic --noinput --verbosity 0
  echo "$version" >"$state/pristine/version"
}

# A site of one's own keeps what its editors did; new code is brought to it.
make_own_site() { # SITE_DIR
  local site=$1
  if [ ! -f "$site/version" ]; then
    rm -rf "$site"
    cp -a "$state/pristine" "$site"
  elif ! cmp -s "$state/pristine/version" "$site/version"; then
    say "bringing the site up to date"
    manage "$site" migrate --verbosity 0
    rm -rf "$site/static"
    cp -a "$state/pristine/static" "$site/static"
    cp "$state/pristine/version" "$site/version"
  fi
}

# Takes turns with others that have the same state.
prepare() { # PART...
  mkdir -p "$state"
  exec 9>"$state/prepare.lock"
  flock 9
  local part
  for part in "$@"; do "$part"; done
  exec 9>&-
}

# --- Starting --------------------------------------------------------------------------------------------------------

# Both ends of the webhook; another one at each start, since no one else has to know it.
make_hook_secret() {
  LARDER_HOOK_SECRET=whsec_$(head -c 32 /dev/urandom | base64 --wrap=0)
  export LARDER_HOOK_SECRET
}

# On the socket $run_dir/wagtail.sock, as wagtail_pid. The site's other settings are DEMO_... of the environment.
start_wagtail() { # SITE_DIR SITE_URL LARDER_ADMIN_URL THREADS
  local site=$1 threads=$4
  export DEMO_STATE=$site DEMO_SITE_URL=$2 DEMO_LARDER_URL=$3
  DEMO_LARDER_URL='' manage "$site" seed >/dev/null # the site's address may be another than last time
  : >"$site/wagtail.log"
  # One process, so that its query counters are the site's.
  launch "$site/wagtail.log" "$state/venv/bin/gunicorn" --chdir "$wagtail/demo" --bind "unix:$run_dir/wagtail.sock" \
    --worker-class gthread --workers 1 --threads "$threads" --keep-alive 75 --graceful-timeout 5 kitchen.wsgi
  wagtail_pid=${started[-1]}
  # Posts whose moment has come go live, as a cron job would do it.
  launch "$site/wagtail.log" bash -c 'while sleep "$1"; do "$2" "$3" publish_scheduled || true; done' scheduler \
    "$scheduler_pause_s" "$state/venv/bin/python" "$wagtail/demo/manage.py"
}

wait_for_wagtail() { # SITE_DIR
  wait_ready Wagtail "$wagtail_pid" "$1/wagtail.log" \
    --unix-socket "$run_dir/wagtail.sock" http://localhost/_demo/counters/
}
